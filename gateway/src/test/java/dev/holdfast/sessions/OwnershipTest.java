package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.holdfast.config.Settings;
import dev.holdfast.forwarding.Identity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";
  private static final String FORGED = signed("another-secret-of-more-than-32-bytes", "u1", 1);

  private long now;

  private final Identity reading = new Identity(Settings.defaults());
  private final Identity verifying =
      new Identity(Settings.of(Map.of("auth.secret-key", SECRET)), () -> now);

  private static String signed(String secret, String user, int number) {
    return JWT.create()
        .withClaim("id", user)
        .withClaim("n", number)
        .sign(Algorithm.HMAC256(secret));
  }

  private static String expiring(String user, long expires) {
    return JWT.create()
        .withClaim("id", user)
        .withExpiresAt(Instant.ofEpochSecond(expires))
        .sign(Algorithm.HMAC256(SECRET));
  }

  private static String token(String user, int number) {
    return signed(SECRET, user, number);
  }

  @Test
  void sessionIsOfWhoBringsTheTokenOfItsConnect() {
    Ownership ownership = new Ownership(reading, Optional.of("sk-1"));

    assertThat(ownership.isOf("sk-1")).isTrue();
    assertThat(ownership.isOf("sk-2")).isFalse();
    assertThat(ownership.isOf(null)).isFalse();
    assertThat(ownership.user()).isEmpty();
  }

  /** Open WebUI's login page connects before it has a token. */
  @Test
  void sessionWithoutATokenIsOfWhoBringsNone() {
    Ownership ownership = new Ownership(reading, Optional.empty());

    assertThat(ownership.isOf(null)).isTrue();
    assertThat(ownership.isOf(token("u1", 1))).isFalse();
  }

  /** Old pages reconnect with the token of the page load, newer ones with the present one. */
  @Test
  void sessionIsAlsoOfWhoBringsTheTokenOfItsLastJoin() {
    Ownership ownership = new Ownership(reading, Optional.empty());
    ownership.joined("first");
    ownership.joined("last");

    assertThat(ownership.isOf("last")).isTrue();
    assertThat(ownership.isOf(null)).isTrue();
    assertThat(ownership.isOf("first")).isFalse();
  }

  @Test
  void sessionIsOfItsVerifiedUserWhateverTheToken() {
    Ownership ownership = new Ownership(verifying, Optional.of(token("u1", 1)));

    assertThat(ownership.user()).contains("u1");
    assertThat(ownership.isOf(token("u1", 2))).isTrue();
    assertThat(ownership.isOf(token("u2", 1))).isFalse();
    assertThat(ownership.isOf(FORGED)).isFalse();
    assertThat(ownership.isOf(null)).isFalse();
  }

  /** Who cannot be told from a forger needs the very token. */
  @Test
  void userThatIsOnlyReadProvesNothing() {
    Ownership ownership = new Ownership(reading, Optional.of(token("u1", 1)));

    assertThat(ownership.user()).contains("u1");
    assertThat(ownership.isOf(token("u1", 2))).isFalse();
    assertThat(ownership.isOf(FORGED)).isFalse();
  }

  @Test
  void tokenThatHasExpiredSinceIsNotGoodAnyMore() {
    String token = expiring("u1", 1_000);
    Ownership ownership = new Ownership(verifying, Optional.of(token));
    Ownership joined = new Ownership(verifying, Optional.empty());
    joined.joined(token);
    assertThat(ownership.isOf(token)).isTrue();
    assertThat(joined.isOf(token)).isTrue();

    now = 1_000;

    assertThat(ownership.isOf(token)).isFalse();
    assertThat(joined.isOf(token)).isFalse();
    assertThat(ownership.isOf(expiring("u1", 2_000))).isTrue();
    assertThat(ownership.isOf(expiring("u1", 999))).isFalse();
  }

  /** Nobody can say what it is worth; Open WebUI gives such a session nothing. */
  @Test
  void tokenThatNeverWasValidIsAsGoodAsItWas() {
    String token = expiring("u1", 10);
    now = 1_000;

    Ownership ownership = new Ownership(verifying, Optional.of(token));

    assertThat(ownership.isOf(token)).isTrue();
    assertThat(ownership.tokens()).containsExactly(unverified(token));
  }

  @Test
  void whatIsKeptOfATokenIsItsHashItsVerifiedUserAndItsExpiry() {
    String valid = expiring("u1", 1_000);

    assertThat(new Ownership(verifying, Optional.of(valid)).tokens())
        .containsExactly(new Token(TokenHash.of(valid), "u1", 1_000));
    assertThat(new Ownership(verifying, Optional.of(token("u1", 1))).tokens())
        .containsExactly(new Token(TokenHash.of(token("u1", 1)), "u1", Token.NEVER));
    assertThat(new Ownership(verifying, Optional.of(FORGED)).tokens())
        .containsExactly(unverified(FORGED));
    assertThat(new Ownership(reading, Optional.of(valid)).tokens())
        .containsExactly(unverified(valid));
    assertThat(new Ownership(reading, Optional.of("")).tokens()).isEmpty();
  }

  private static Token unverified(String token) {
    return new Token(TokenHash.of(token), null, Token.NEVER);
  }

  /** A client could hide one token behind the next, and Open WebUI would still send to it. */
  @Test
  void allTokensThatASessionWasGivenCount() {
    Ownership ownership = new Ownership(reading, Optional.of("connect"));

    assertThat(ownership.joined("connect")).isEmpty();
    assertThat(ownership.joined("join")).contains(unverified("join"));
    assertThat(ownership.joined("join")).isEmpty();
    assertThat(ownership.joined("")).isEmpty();
    assertThat(ownership.given("resume")).contains(unverified("resume"));

    assertThat(ownership.tokens())
        .containsExactly(unverified("connect"), unverified("join"), unverified("resume"));
    assertThat(ownership.isOf("join")).isTrue();
    assertThat(ownership.isOf("resume")).isFalse();
    assertThat(ownership.isOf("")).isFalse();
  }

  @Test
  void nextNodeKnowsTheSame() {
    Ownership ownership = new Ownership(verifying, Optional.of("sk-1"));
    ownership.joined(token("u1", 1));

    Ownership adopted = new Ownership(verifying, ownership.kept());

    assertThat(adopted.kept()).isEqualTo(ownership.kept());
    assertThat(adopted.isOf("sk-1")).isTrue();
    assertThat(adopted.isOf(token("u1", 2))).isTrue();
    assertThat(adopted.isOf(null)).isFalse();
    Ownership nobodys = new Ownership(verifying, new Ownership(verifying, Optional.empty()).kept());
    assertThat(nobodys.isOf(null)).isTrue();
  }

  @Test
  void joinTellsWhoTheUserIs() {
    Ownership ownership = new Ownership(verifying, Optional.empty());
    assertThat(ownership.isOf(token("u1", 1))).isFalse();

    ownership.joined(token("u1", 1));
    ownership.joined("sk-no-user");

    assertThat(ownership.user()).contains("u1");
    assertThat(ownership.isOf(token("u1", 9))).isTrue();
  }
}
