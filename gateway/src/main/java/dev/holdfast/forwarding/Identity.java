package dev.holdfast.forwarding;

import com.auth0.jwt.JWT;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.protocol.PeerJson;
import dev.holdfast.time.WallClock;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Reads the user of a request from Open WebUI's token (a JWT with the claim {@code id}). With Open
 * WebUI's secret key tokens are verified; without it they are only parsed, which is enough to keep
 * a user on one upstream, as Open WebUI validates the token itself. API keys identify no user.
 * Thread-safe.
 */
public final class Identity {
  private static final String COOKIE = "token=";
  private static final String BEARER = "Bearer ";
  private static final int MAX_TOKEN_LENGTH = 16 * 1024;

  /**
   * Longest user id in characters; Open WebUI's have 36. Longer ids would take memory in the token
   * cache.
   */
  private static final int MAX_USER_LENGTH = 256;

  /** Open WebUI's signature algorithm, as JWTs and Java name it. */
  private static final String ALGORITHM = "HS256";

  private static final String SIGNATURE = "HmacSHA256";
  private static final JsonMapper JSON = PeerJson.mapper();

  private final Optional<SecretKeySpec> key;
  private final LongSupplier clock;
  private final TokenCache known = new TokenCache();

  /**
   * The claims of a token.
   *
   * @param expires in seconds since 1970; {@link Long#MAX_VALUE} if never
   */
  public record Claims(String user, long expires) {}

  /** Creates an instance that verifies tokens if the settings have a secret key. */
  public Identity(Settings settings) {
    this(settings, WallClock::seconds);
  }

  /** Creates an instance with a clock that returns seconds since 1970. */
  public Identity(Settings settings, LongSupplier clock) {
    this.clock = clock;
    this.key =
        settings
            .get(ProxyKeys.SECRET_KEY)
            .map(secret -> new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), SIGNATURE));
  }

  /** Returns whether tokens are verified, which makes their user certain. */
  public boolean isVerifying() {
    return key.isPresent();
  }

  /**
   * Returns the peer to charge a quota to: the user if verified, otherwise the client's address.
   */
  public Peer peer(Optional<String> user, Peer address) {
    return isVerifying() ? user.map(Peer::ofUser).orElse(address) : address;
  }

  /** Returns the user id of a token; empty if it is malformed or, with the secret key, invalid. */
  public Optional<String> userOf(String token) {
    return claims(token).map(Claims::user);
  }

  /** Returns the claims of a valid token; empty for any other, and without the secret key. */
  public Optional<Claims> verified(String token) {
    return isVerifying() ? claims(token) : Optional.empty();
  }

  /** Returns whether this time, in seconds since 1970, has been reached. */
  public boolean isPast(long second) {
    return second <= clock.getAsLong();
  }

  private Optional<Claims> claims(String token) {
    return token.length() > MAX_TOKEN_LENGTH || token.indexOf('.') < 0
        ? Optional.empty()
        : known.claims(token, this::read).filter(it -> !isPast(it.expires()));
  }

  /**
   * Returns the user of a request, from {@code Authorization: Bearer} or else from the cookie
   * {@code token}.
   */
  public Optional<String> userOf(HeaderMap headers) {
    return bearer(headers).flatMap(this::userOf).or(() -> cookie(headers).flatMap(this::userOf));
  }

  /**
   * Returns the claims of a token with a valid signature; the caller checks expiry. The issue time
   * is ignored, since Open WebUI's clock may be ahead of this one.
   */
  private Optional<Claims> signed(DecodedJWT token) {
    Instant begins = token.getNotBeforeAsInstant();
    boolean early = begins != null && !isPast(begins.getEpochSecond());
    if (early || !ALGORITHM.equals(token.getAlgorithm())) {
      return Optional.empty();
    }
    Instant expires = token.getExpiresAtAsInstant();
    long seconds = expires == null ? Long.MAX_VALUE : expires.getEpochSecond();
    return Optional.ofNullable(token.getClaim("id").asString()).map(id -> new Claims(id, seconds));
  }

  private Optional<Claims> read(String token) {
    int end = token.lastIndexOf('.');
    int start = token.indexOf('.') + 1;
    if (start > end || !isSigned(token, end)) {
      return Optional.empty();
    }
    try {
      Optional<Claims> claims =
          isVerifying()
              ? signed(JWT.decode(token))
              : claimedUser(token.substring(start, end)).map(id -> new Claims(id, Long.MAX_VALUE));
      return claims.filter(it -> !it.user().isEmpty() && it.user().length() <= MAX_USER_LENGTH);
    } catch (JWTVerificationException | NullPointerException refused) {
      // The JWT library fails on a header or payload that is JSON null.
      return Optional.empty();
    }
  }

  /**
   * Checks the signature before the JWT library parses the token, because the library interns the
   * field names of everything it parses.
   */
  private boolean isSigned(String token, int end) {
    if (key.isEmpty()) {
      return true;
    }
    try {
      Mac mac = Mac.getInstance(SIGNATURE);
      mac.init(key.get());
      byte[] expected = mac.doFinal(token.substring(0, end).getBytes(StandardCharsets.UTF_8));
      return MessageDigest.isEqual(expected, decoded(token.substring(end + 1)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + SIGNATURE, e);
    }
  }

  private static Optional<String> claimedUser(String payload) {
    try {
      JsonNode id = JSON.readTree(decoded(payload)).path("id");
      return id.isTextual() ? Optional.of(id.asText()) : Optional.empty();
    } catch (IOException notJson) {
      return Optional.empty();
    }
  }

  /** Decodes base64url; returns an empty array if it is malformed. */
  private static byte[] decoded(String text) {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException malformed) {
      return new byte[0];
    }
  }

  private static Optional<String> bearer(HeaderMap headers) {
    return Optional.ofNullable(headers.getFirst(Headers.AUTHORIZATION))
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).trim());
  }

  /** Returns the last of several cookies, as Open WebUI does. */
  private static Optional<String> cookie(HeaderMap headers) {
    HeaderValues lines = headers.get(Headers.COOKIE);
    return lines == null
        ? Optional.empty()
        : lines.stream()
            .flatMap(Identity::pairs)
            .filter(pair -> pair.startsWith(COOKIE))
            .map(pair -> pair.substring(COOKIE.length()))
            .reduce((first, last) -> last);
  }

  private static Stream<String> pairs(String line) {
    return Arrays.stream(line.split(";", -1)).map(String::trim);
  }
}
