package dev.holdfast.openwebui;

import dev.holdfast.proxy.ExchangeObserver;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Observes the Open WebUI requests (0.8 to 0.12) after which sessions must end. Only successful
 * ones count, since Open WebUI also responds with 401 to unauthorized requests.
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

  /** Prefix of API keys, which do not open sessions. */
  private static final String API_KEY = "sk-";

  private final Sessions sessions;

  /** Ends sessions. */
  public interface Sessions {
    /** Called when this token was signed out. */
    void signedOut(String token);

    /** Called when an administrator has changed or deleted this user. */
    void userChanged(String user);
  }

  /** Notifies these sessions. */
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

  /** Versions that require POST answer a GET with the page, which signs no one out. */
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

  /**
   * Returns the token that Open WebUI uses: of any authorization scheme, or else of the last
   * cookie.
   */
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

  /** Returns the path, decoded once, as Open WebUI does. */
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
