package dev.holdfast.upstream;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import dev.holdfast.config.Settings;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who a request belongs to, by Open WebUI's own token (a JWT with the claim {@code id}). With its
 * secret key the token is verified, without it only read: that is enough to keep a user on one
 * upstream, and Open WebUI itself decides what the token is worth. API keys name no user.
 * Thread-safe.
 */
public final class Identity {
  private static final String COOKIE = "token=";
  private static final String BEARER = "Bearer ";
  private static final int MAX_TOKEN_LENGTH = 16 * 1024;

  private final Optional<JWTVerifier> verifier;
  private final TokenCache known = new TokenCache();

  /** Verifies tokens if these settings have a secret key. */
  public Identity(Settings.Auth settings) {
    verifier = settings.secretKey().map(secret -> JWT.require(Algorithm.HMAC256(secret)).build());
  }

  /** Whether a token's user is certain: tokens are verified with the secret key. */
  public boolean isVerifying() {
    return verifier.isPresent();
  }

  /** The user's id; empty for anything that is not a (with the secret key: valid) token. */
  public Optional<String> userOf(String token) {
    return token.length() > MAX_TOKEN_LENGTH || token.indexOf('.') < 0
        ? Optional.empty()
        : known.userOf(token, this::read);
  }

  /** The user of a request: {@code Authorization: Bearer}, else the cookie {@code token}. */
  public Optional<String> userOf(HeaderMap headers) {
    return bearer(headers).flatMap(this::userOf).or(() -> cookie(headers).flatMap(this::userOf));
  }

  private Optional<String> read(String token) {
    try {
      DecodedJWT jwt = verifier.isPresent() ? verifier.get().verify(token) : JWT.decode(token);
      return Optional.ofNullable(jwt.getClaim("id").asString()).filter(id -> !id.isEmpty());
    } catch (JWTVerificationException | NullPointerException refused) {
      // The library trips over a header or payload that is JSON's null.
      return Optional.empty();
    }
  }

  private static Optional<String> bearer(HeaderMap headers) {
    return Optional.ofNullable(headers.getFirst(Headers.AUTHORIZATION))
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).trim());
  }

  private static Optional<String> cookie(HeaderMap headers) {
    HeaderValues lines = headers.get(Headers.COOKIE);
    return lines == null
        ? Optional.empty()
        : lines.stream()
            .flatMap(Identity::pairs)
            .filter(pair -> pair.startsWith(COOKIE))
            .map(pair -> pair.substring(COOKIE.length()))
            .findFirst();
  }

  private static Stream<String> pairs(String line) {
    return Arrays.stream(line.split(";", -1)).map(String::trim);
  }
}
