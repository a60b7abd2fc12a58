package dev.holdfast.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.holdfast.config.Settings;
import dev.holdfast.upstream.Identity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";
  private static final String FORGED = signed("another-secret-of-more-than-32-bytes", "u1", 1);

  private final Identity reading = new Identity(new Settings.Auth(Optional.empty(), List.of()));
  private final Identity verifying =
      new Identity(new Settings.Auth(Optional.of(SECRET), List.of()));

  private static String signed(String secret, String user, int number) {
    return JWT.create()
        .withClaim("id", user)
        .withClaim("n", number)
        .sign(Algorithm.HMAC256(secret));
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
  void joinTellsWhoTheUserIs() {
    Ownership ownership = new Ownership(verifying, Optional.empty());
    assertThat(ownership.isOf(token("u1", 1))).isFalse();

    ownership.joined(token("u1", 1));
    ownership.joined("sk-no-user");

    assertThat(ownership.user()).contains("u1");
    assertThat(ownership.isOf(token("u1", 9))).isTrue();
  }
}
