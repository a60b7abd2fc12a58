package dev.holdfast.upstream;

import com.auth0.jwt.JWT;
import com.auth0.jwt.JWTVerifier;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import dev.holdfast.config.Settings;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.util.Optional;

/**
 * Who a request belongs to, by Open WebUI's own token (a JWT with the claim {@code id}). With its
 * secret key the token is verified, without it only read: that is enough to keep a user on one
 * upstream, and Open WebUI itself decides what the token is worth. Thread-safe.
 */
public final class Identity {
  private static final String COOKIE = "token=";
  private static final String BEARER = "Bearer ";

  private final Optional<JWTVerifier> verifier;

  public Identity(Settings.Auth settings) {
    verifier = settings.secretKey().map(secret -> JWT.require(Algorithm.HMAC256(secret)).build());
  }

  /** The user's id; empty for anything that is not a (with the secret key: valid) token. */
  public Optional<String> userOf(String token) {
    if (token.indexOf('.') < 0) {
      return Optional.empty();
    }
    try {
      DecodedJWT jwt = verifier.isPresent() ? verifier.get().verify(token) : JWT.decode(token);
      return Optional.ofNullable(jwt.getClaim("id").asString());
    } catch (JWTVerificationException refused) {
      return Optional.empty();
    }
  }

  /** The user of a request: {@code Authorization: Bearer}, else the cookie {@code token}. */
  public Optional<String> userOf(HeaderMap headers) {
    String authorization = headers.getFirst(Headers.AUTHORIZATION);
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      Optional<String> user = userOf(authorization.substring(BEARER.length()).trim());
      if (user.isPresent()) {
        return user;
      }
    }
    return cookie(headers).flatMap(this::userOf);
  }

  private static Optional<String> cookie(HeaderMap headers) {
    var lines = headers.get(Headers.COOKIE);
    if (lines == null) {
      return Optional.empty();
    }
    for (String line : lines) {
      for (String pair : line.split(";", -1)) {
        String trimmed = pair.trim();
        if (trimmed.startsWith(COOKIE)) {
          return Optional.of(trimmed.substring(COOKIE.length()));
        }
      }
    }
    return Optional.empty();
  }
}
