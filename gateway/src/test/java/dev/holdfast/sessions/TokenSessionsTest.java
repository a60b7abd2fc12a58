package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.LogLines;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TokenSessionsTest {
  private static final long NOW = 1_000;

  private final TestSessions parked = new TestSessions();
  private final TokenSessions sessions = new TokenSessions(parked.timers()::nanoTime);
  private final LogLines log = new LogLines();

  @AfterEach
  void detachTheLog() {
    log.close();
  }

  private static Token token(String text) {
    return token(text, null, Token.NEVER);
  }

  private static Token token(String text, @Nullable String user, long expires) {
    return new Token(TokenHash.of(text), user, expires);
  }

  private SessionEntry session(String name, Token... tokens) {
    SessionEntry entry = parked.entry(name, 0);
    for (Token token : tokens) {
      sessions.given(token, entry);
    }
    return entry;
  }

  private List<String> ended() {
    parked.run();
    return parked.ended();
  }

  @Test
  void sessionsOfATokenThatIsSignedOutEndAndNoOthers() {
    session("tab", token("phone", "u", Token.NEVER));
    session("other tab", token("phone", "u", Token.NEVER));
    session("laptop", token("laptop", "u", Token.NEVER));
    session("login page");

    sessions.signedOut(TokenHash.of("phone"));

    assertThat(ended()).containsExactly("tab signed-out", "other tab signed-out");
    assertThat(log.lines()).containsExactly("a token was signed out; ending sessions: 2");
  }

  @Test
  void sessionEndsWithAnyOfItsTokens() {
    session("one", token("connect"), token("join"));
    session("two", token("connect"), token("another"));

    sessions.signedOut(TokenHash.of("join"));

    assertThat(ended()).containsExactly("one signed-out");
  }

  @Test
  void tokenThatNobodyHasEndsNothingAndSaysNothing() {
    session("one", token("a"));

    sessions.signedOut(TokenHash.of("b"));
    sessions.userChanged("u");
    sessions.endExpired(NOW);

    assertThat(ended()).isEmpty();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void sessionsOfAVerifiedUserEnd() {
    session("one", token("a", "u", Token.NEVER), token("b", "u", Token.NEVER));
    session("two", token("c", "u", Token.NEVER));
    session("was theirs", token("c", "u", Token.NEVER), token("d", "v", Token.NEVER));
    session("other", token("d", "v", Token.NEVER));
    session("unverified", token("e"));

    sessions.userChanged("u");

    assertThat(ended())
        .containsExactlyInAnyOrder(
            "one user-changed", "two user-changed", "was theirs user-changed");
    assertThat(log.lines()).containsExactly("user u was changed or deleted; ending sessions: 3");
  }

  @Test
  void sessionEndsInTheSecondInWhichItsTokenExpires() {
    session("one", token("a", "u", NOW));
    session("two", token("b", "u", NOW + 2));
    session("three", token("c", "u", NOW + 2));
    session("ever", token("d", "u", Token.NEVER));

    sessions.endExpired(NOW - 1);
    assertThat(ended()).isEmpty();
    sessions.endExpired(NOW);
    assertThat(ended()).containsExactly("one expired");
    sessions.endExpired(NOW + 1);
    assertThat(ended()).containsExactly("one expired");
    sessions.endExpired(NOW + 2);

    assertThat(ended()).contains("two expired", "three expired").hasSize(3);
    assertThat(log.lines()).hasSize(2);
    sessions.endExpired(Token.NEVER - 1);
    assertThat(ended()).hasSize(3);
  }

  @Test
  void tokenThatComesLaterAndExpiresEarlierIsNotOverlooked() {
    session("late", token("a", "u", NOW + 100));
    sessions.endExpired(NOW);
    session("early", token("b", "u", NOW + 10));

    sessions.endExpired(NOW + 10);

    assertThat(ended()).containsExactly("early expired");
  }

  @Test
  void nothingIsLeftOfSessionsThatAreOver() {
    SessionEntry one = session("one", token("a", "u", NOW), token("b"));
    SessionEntry two = session("two", token("a", "u", NOW));
    assertThat(sessions.size()).isEqualTo(2);

    sessions.left(token("a", "u", NOW), one);
    sessions.left(token("b"), one);
    assertThat(sessions.size()).isOne();
    sessions.left(token("a", "u", NOW), two);
    sessions.left(token("a", "u", NOW), two);

    assertThat(sessions.size()).isZero();
    sessions.signedOut(TokenHash.of("a"));
    sessions.endExpired(NOW);
    assertThat(ended()).isEmpty();
  }

  /** The node that gave it away may not have heard of the sign-out before it did so. */
  @Test
  void sessionThatIsOnItsWayHereWhileItsTokenIsSignedOutEnds() {
    sessions.signedOut(TokenHash.of("a"));
    sessions.userChanged("u");
    SessionEntry signedOut = parked.entry("signed out", 0);
    SessionEntry changed = parked.entry("changed", 0);
    SessionEntry other = parked.entry("other", 0);
    parked.timers().pass(Duration.ofSeconds(5));

    sessions.adopted(token("a"), signedOut);
    sessions.adopted(token("b", "u", Token.NEVER), changed);
    sessions.adopted(token("c", "v", Token.NEVER), other);

    assertThat(ended()).containsExactlyInAnyOrder("signed out signed-out", "changed user-changed");
    sessions.userChanged("v");
    assertThat(ended()).contains("other user-changed");
  }

  @Test
  void sessionThatBeginsOrComesLaterIsNobodysBusiness() {
    sessions.userChanged("u");
    session("begins", token("a", "u", Token.NEVER));
    parked.timers().pass(Duration.ofSeconds(5).plusNanos(1));

    sessions.adopted(token("b", "u", Token.NEVER), parked.entry("comes", 0));

    assertThat(ended()).isEmpty();
  }

  /** Anybody may have any token signed out, as often as they like. */
  @Test
  void lastOfManySignOutsIsRemembered() {
    for (int i = 0; i <= 5_000; i++) {
      sessions.signedOut(TokenHash.of("t" + i));
    }

    sessions.adopted(token("t0"), parked.entry("first", 0));
    sessions.adopted(token("t5000"), parked.entry("last", 0));

    assertThat(ended()).containsExactly("last signed-out");
  }

  @Test
  void hashIsTheFirstHalfOfTheTokensSha256() {
    TokenHash hash = TokenHash.of("abc");

    assertThat(hash).hasToString("ba7816bf8f01cfea414140de5dae2223");
    assertThat(TokenHash.parse(hash.toString())).isEqualTo(hash);
    assertThat(TokenHash.parse(hash + "b00361a396177a9cb410ff61f20015ad")).isEqualTo(hash);
    assertThatThrownBy(() -> TokenHash.parse("ba78")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TokenHash.parse("x".repeat(32)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
