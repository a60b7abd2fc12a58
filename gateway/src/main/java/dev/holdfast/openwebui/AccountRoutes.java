package dev.holdfast.openwebui;

import dev.holdfast.proxy.ExchangeObserver;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The requests to Open WebUI (0.8 to 0.12) behind which sessions have to end, and how it answers
 * them. It answers 401 to what is not the caller's, too, so only success counts.
 *
 * <pre>
 *   GET  /api/v1/auths/signout                  0.8, 0.9: signs the request's token out
 *   POST /api/v1/auths/signout                  0.10 and later
 *   POST /api/v1/users/{id}/update              an administrator changes a user, or its role
 *   POST /api/v1/users/{id}/sessions/revoke     0.12: an administrator signs a user out everywhere
 *   DELETE /api/v1/users/{id}
 *   PUT, PATCH, DELETE /api/v1/scim/v2/Users/{id}   the same by an identity provider
 * </pre>
 *
 * Thread-safe.
 */
public final class AccountRoutes implements ExchangeObserver {
  private static final String API = "/api/v1/";
  private static final String SIGN_OUT = "/api/v1/auths/signout";
  private static final String USERS = "/api/v1/users/";
  private static final String SCIM_USERS = "/api/v1/scim/v2/Users/";
  private static final List<String> CHANGES = List.of("/update", "/sessions/revoke");
  private static final String COOKIE = "token=";

  /** Begins an API key, which opens no sessions. */
  private static final String API_KEY = "sk-";

  private final Sessions sessions;

  /** Those that have to end. */
  public interface Sessions {
    /** This token is signed out. */
    void signedOut(String token);

    /** The user of this id was changed or deleted by an administrator. */
    void userChanged(String user);
  }

  /** Tells these sessions. */
  public AccountRoutes(Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public void answered(Exchange exchange) {
    String target = exchange.target();
    if (target.startsWith(API) || target.indexOf('%') >= 0) {
      String path = path(target);
      if (path.equals(SIGN_OUT)) {
        if (isSignOut(exchange)) {
          token(exchange).ifPresent(sessions::signedOut);
        }
      } else if (isSuccess(exchange.status())) {
        changedUser(exchange.method(), path).ifPresent(sessions::userChanged);
      }
    }
  }

  /** Versions that want a POST answer a GET with the page, which signs nobody out. */
  private static boolean isSignOut(Exchange exchange) {
    boolean done = isSuccess(exchange.status()) || isRedirect(exchange.status());
    return switch (exchange.method()) {
      case "POST" -> done;
      case "GET" -> done && !isPage(exchange);
      default -> false;
    };
  }

  private static boolean isPage(Exchange exchange) {
    return isSuccess(exchange.status())
        && exchange
            .responseHeader("Content-Type")
            .filter(it -> it.startsWith("text/html"))
            .isPresent();
  }

  private static boolean isSuccess(int status) {
    return status >= 200 && status < 300;
  }

  private static boolean isRedirect(int status) {
    return status >= 300 && status < 400 && status != 304;
  }

  private static Optional<String> changedUser(String method, String path) {
    return switch (method) {
      case "POST" ->
          CHANGES.stream().filter(path::endsWith).findFirst().flatMap(end -> id(path, USERS, end));
      case "DELETE" -> id(path, USERS, "").or(() -> id(path, SCIM_USERS, ""));
      case "PUT", "PATCH" -> id(path, SCIM_USERS, "");
      default -> Optional.empty();
    };
  }

  private static Optional<String> id(String path, String start, String end) {
    int length = path.length() - start.length() - end.length();
    if (length <= 0 || !path.startsWith(start)) {
      return Optional.empty();
    }
    String id = path.substring(start.length(), start.length() + length);
    return id.indexOf('/') < 0 ? Optional.of(id) : Optional.empty();
  }

  /** The token that Open WebUI takes: of whichever scheme, else of the last cookie. */
  private static Optional<String> token(Exchange exchange) {
    return exchange.requestHeader("Authorization").stream()
        .findFirst()
        .map(line -> line.trim().split(" ", -1))
        .filter(words -> words.length == 2)
        .map(words -> words[1])
        .or(() -> cookie(exchange.requestHeader("Cookie")))
        .filter(token -> !token.isEmpty() && !token.startsWith(API_KEY));
  }

  private static Optional<String> cookie(List<String> lines) {
    return lines.stream()
        .flatMap(line -> List.of(line.split(";", -1)).stream())
        .map(String::trim)
        .filter(pair -> pair.startsWith(COOKIE))
        .map(pair -> pair.substring(COOKIE.length()))
        .reduce((first, last) -> last);
  }

  /** The path, decoded once, as Open WebUI does. */
  private static String path(String target) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    if (path.indexOf('%') < 0) {
      return path;
    }
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return path;
    }
  }
}
