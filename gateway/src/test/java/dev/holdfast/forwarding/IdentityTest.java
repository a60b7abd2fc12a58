package dev.holdfast.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";
  private static final Instant PAST = Instant.parse("2020-01-01T00:00:00Z");
  private static final String VALID = signed(SECRET, "u1");
  private static final String FORGED = signed("another-secret-of-more-than-32-bytes", "u1");
  private static final String EXPIRED =
      JWT.create().withClaim("id", "u1").withExpiresAt(PAST).sign(Algorithm.HMAC256(SECRET));

  private final Identity reading = identity(Optional.empty());
  private final Identity verifying = identity(Optional.of(SECRET));

  private long now;

  @Test
  void userIsTheClaimId() {
    assertThat(reading.userOf(VALID)).contains("u1");
    assertThat(verifying.userOf(VALID)).contains("u1");
  }

  @Test
  void withoutTheSecretATokenIsOnlyRead() {
    assertThat(reading.userOf(FORGED)).contains("u1");
    assertThat(reading.userOf(EXPIRED)).contains("u1");
  }

  @Test
  void withTheSecretForgedAndExpiredTokensNameNobody() {
    assertThat(verifying.userOf(FORGED)).isEmpty();
    assertThat(verifying.userOf(EXPIRED)).isEmpty();
  }

  @Test
  void verifiedTokenSaysWhoseItIsAndWhenItExpires() {
    String token = expiring(1_000);
    Identity known = identity(Optional.of(SECRET), () -> now);

    assertThat(known.verified(token)).contains(new Identity.Claims("u1", 1_000));
    assertThat(known.verified(VALID)).contains(new Identity.Claims("u1", Long.MAX_VALUE));
    assertThat(known.verified(FORGED)).isEmpty();
    assertThat(reading.verified(VALID)).isEmpty();
  }

  /** It is not waited until what is remembered of it is old. */
  @Test
  void tokenNamesNobodyFromTheSecondInWhichItExpires() {
    String token = expiring(1_000);
    Identity known = identity(Optional.of(SECRET), () -> now);
    now = 999;
    assertThat(known.userOf(token)).contains("u1");

    now = 1_000;

    assertThat(known.userOf(token)).isEmpty();
    assertThat(known.verified(token)).isEmpty();
    now = 999;
    assertThat(known.userOf(token)).contains("u1");
  }

  /** Open WebUI's clock may be ahead of ours. */
  @Test
  void tokenMayHaveBeenIssuedInTheFuture() {
    String token =
        JWT.create()
            .withClaim("id", "u1")
            .withIssuedAt(Instant.now().plusSeconds(60))
            .sign(Algorithm.HMAC256(SECRET));

    assertThat(verifying.userOf(token)).contains("u1");
  }

  private static String expiring(long seconds) {
    return JWT.create()
        .withClaim("id", "u1")
        .withExpiresAt(Instant.ofEpochSecond(seconds))
        .sign(Algorithm.HMAC256(SECRET));
  }

  @Test
  void otherAlgorithmsAreNotVerified() {
    assertThat(verifying.userOf(JWT.create().withClaim("id", "u1").sign(Algorithm.none())))
        .isEmpty();
    assertThat(verifying.userOf(JWT.create().withClaim("id", "u1").sign(Algorithm.HMAC512(SECRET))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sk-0123456789abcdef",
        "sk-a.b.c",
        ".",
        "..",
        "a.b.c",
        "\u0000.\ud800.é",
        "e30.e30.",
        "bnVsbA.bnVsbA.x"
      })
  void whatIsNoTokenNamesNobody(String text) {
    assertThat(reading.userOf(text)).isEmpty();
    assertThat(verifying.userOf(text)).isEmpty();
  }

  @Test
  void jsonThatIsNoTokenNamesNobody() {
    List<String> values =
        List.of("null", "[]", "1", "\"x\"", "true", "{}", "{\"alg\":null}", "{\"alg\":\"HS256\"}");

    for (String header : values) {
      for (String payload : values) {
        String token = encoded(header) + "." + encoded(payload) + ".x";
        assertThat(reading.userOf(token)).as(header + payload).isEmpty();
        assertThat(verifying.userOf(token)).as(header + payload).isEmpty();
      }
    }
  }

  @Test
  void claimThatIsNoTextNamesNobody() {
    String number = JWT.create().withClaim("id", 7).sign(Algorithm.HMAC256(SECRET));
    String empty = JWT.create().withClaim("id", "").sign(Algorithm.HMAC256(SECRET));
    String none = JWT.create().withClaim("sub", "u1").sign(Algorithm.HMAC256(SECRET));

    assertThat(List.of(number, empty, none))
        .allSatisfy(token -> assertThat(verifying.userOf(token)).isEmpty());
  }

  @Test
  void endlessTokenIsNotRead() {
    assertThat(reading.userOf(signed(SECRET, "u".repeat(20_000)))).isEmpty();
  }

  @Test
  void endlessUserIsNobody() {
    assertThat(reading.userOf(signed(SECRET, "u".repeat(257)))).isEmpty();
    assertThat(verifying.userOf(signed(SECRET, "u".repeat(257)))).isEmpty();
    assertThat(verifying.userOf(signed(SECRET, "u".repeat(256)))).isPresent();
  }

  /** A library that reads JSON may keep the names of fields, to know them again. */
  @Test
  void namesThatStrangersMakeUpAreNotKept() {
    long before = used();
    for (int i = 0; i < 1_000; i++) {
      String payload = "{\"" + i + "x".repeat(10_000) + "\":1,\"id\":\"u1\"}";
      String token = encoded("{\"alg\":\"HS256\"}") + "." + encoded(payload) + ".AAAA";
      assertThat(reading.userOf(token)).contains("u1");
      assertThat(verifying.userOf(token)).isEmpty();
    }
    assertThat(used() - before).isLessThan(4L * 1024 * 1024);
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void answerIsTheSameWhenAskedAgain() {
    assertThat(verifying.userOf(VALID)).isEqualTo(verifying.userOf(VALID)).contains("u1");
    assertThat(verifying.userOf(FORGED)).isEqualTo(verifying.userOf(FORGED)).isEmpty();
  }

  @Test
  void authorizationComesBeforeTheCookie() {
    HeaderMap headers = cookies("token=" + signed(SECRET, "u2"));
    headers.put(Headers.AUTHORIZATION, "bearer " + VALID);

    assertThat(verifying.userOf(headers)).contains("u1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer sk-0123456789abcdef", "Basic dTpw", "Bearer", "Bearer a.b.c"})
  void cookieNamesTheUserWhenAuthorizationDoesNot(String authorization) {
    HeaderMap headers = cookies("a=b; token=" + VALID + "; c=d");
    headers.put(Headers.AUTHORIZATION, authorization);

    assertThat(verifying.userOf(headers)).contains("u1");
  }

  @Test
  void lastOfSeveralCookiesCountsAsForOpenWebUi() {
    HeaderMap headers = cookies("token=" + signed(SECRET, "u2") + "; token=" + VALID);

    assertThat(verifying.userOf(headers)).contains("u1");
  }

  @Test
  void cookieMayStandInALineOfItsOwn() {
    HeaderMap headers = cookies("oauth_id_token=x;xtoken=y");
    headers.add(Headers.COOKIE, "token=" + VALID);

    assertThat(verifying.userOf(headers)).contains("u1");
  }

  @Test
  void requestWithoutEitherNamesNobody() {
    assertThat(reading.userOf(new HeaderMap())).isEmpty();
    assertThat(reading.userOf(cookies(";;=; xtoken=" + VALID))).isEmpty();
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static HeaderMap cookies(String line) {
    return new HeaderMap().put(Headers.COOKIE, line);
  }

  private static String signed(String secret, String user) {
    return JWT.create().withClaim("id", user).sign(Algorithm.HMAC256(secret));
  }

  private static Identity identity(Optional<String> secret) {
    return new Identity(Settings.defaults().with(ProxyKeys.SECRET_KEY, secret));
  }

  private static Identity identity(Optional<String> secret, LongSupplier clock) {
    return new Identity(Settings.defaults().with(ProxyKeys.SECRET_KEY, secret), clock);
  }
}
