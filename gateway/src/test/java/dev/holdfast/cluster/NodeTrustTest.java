package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeTrustTest {
  private static final SignedRequest.Client CLIENT =
      new SignedRequest.Client("192.0.2.1", true, "192.0.2.1, 192.0.2.2", "https", "chat.example");
  private static final SignedRequest REFERRAL = new SignedRequest("GET", "/path?query", CLIENT);
  private static final Incarnation HERE = new Incarnation(new NodeId("here"), "first");
  private static final List<String> SAID = List.of("said");
  private static final String KEY = "the key of all nodes";

  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final List<String> refused = new ArrayList<>();
  private final NodeTrust there = trust("there", KEY);
  private final NodeTrust here = trust("here", KEY);

  @Test
  void whatIsSignedIsBelieved() {
    assertThat(check(here, signed(), asked(CLIENT))).contains(CLIENT);
    assertThat(refused).isEmpty();
  }

  @Test
  void copyIsWorthNothing() {
    String header = signed();
    check(here, header, asked(CLIENT));

    assertThat(check(here, header, asked(CLIENT))).isEmpty();
    assertThat(refused).containsExactly("request replayed");
  }

  @Test
  void requestsMayOvertakeEachOther() {
    String first = signed();
    String second = signed();

    assertThat(check(here, second, asked(CLIENT))).isPresent();
    assertThat(check(here, first, asked(CLIENT))).isPresent();
  }

  static List<SignedRequest> changed() {
    return List.of(
        new SignedRequest("POST", "/path?query", CLIENT),
        new SignedRequest("GET", "/path?other", CLIENT),
        asked(client("192.0.2.9", "https", "chat.example")),
        asked(client("192.0.2.1, 192.0.2.2", "http", "chat.example")),
        asked(client("192.0.2.1, 192.0.2.2", "https", "other")));
  }

  @ParameterizedTest
  @MethodSource("changed")
  void nothingOfTheRequestMayBeChanged(SignedRequest changed) {
    assertThat(check(here, signed(), changed)).isEmpty();
    assertThat(refused).containsExactly("request forged");
  }

  @Test
  void nothingOfItMayBeChanged() {
    String header = signed();
    String[] words = header.split(" ", -1);
    List<String> changed =
        List.of("u", "192.0.2.9", "their", "run", "2", "1000001", "here/second", "forged");
    for (int i = 0; i < words.length; i++) {
      String[] copy = words.clone();
      copy[i] = changed.get(i);
      assertThat(check(here, String.join(" ", copy), asked(CLIENT))).isEmpty();
    }

    assertThat(refused).hasSize(words.length).containsOnly("request forged");
    assertThat(check(here, header, asked(CLIENT))).isPresent();
  }

  @Test
  void signatureIsForOneNode() {
    assertThat(check(trust("elsewhere", KEY), signed(), asked(CLIENT))).isEmpty();
    assertThat(refused).containsExactly("request foreign");
  }

  @Test
  void signatureIsForOneStartOfANode() {
    String header = signed();
    NodeTrust again = trust(new Incarnation(HERE.node(), "second"), Signed.REQUEST, KEY);

    assertThat(check(again, header, asked(CLIENT))).isEmpty();
    assertThat(refused).containsExactly("request foreign");
  }

  @Test
  void anotherKeySignsNothing() {
    assertThat(check(trust("here", "another key"), signed(), asked(CLIENT))).isEmpty();
    assertThat(refused).containsExactly("request forged");
  }

  @Test
  void nothingIsBelievedAndNobodyIsAccusedWhileTheKeyIsNotKnown() {
    assertThat(check(trust("here", ""), signed(), asked(CLIENT))).isEmpty();
    assertThat(refused).isEmpty();
  }

  @Test
  void nothingIsSignedWithoutAKey() {
    assertThat(REFERRAL.sign(trust("there", ""), HERE)).isEmpty();
    assertThat(trust("there", "").signForAll(SAID)).isEmpty();
  }

  @Test
  void whatIsSignedAsOneKindIsNotWorthAnother() {
    NodeTrust messages = trust(HERE, Signed.MESSAGE, KEY);

    assertThat(messages.check(there.sign(HERE, SAID).orElseThrow(), SAID, "test")).isFalse();
    assertThat(refused).containsExactly("message forged");
  }

  @Test
  void whatIsForAllIsBelievedOnceByEach() {
    NodeTrust elsewhere = trust("elsewhere", KEY);
    String signature = there.signForAll(SAID).orElseThrow();

    assertThat(here.check(signature, SAID, "test")).isTrue();
    assertThat(elsewhere.check(signature, SAID, "test")).isTrue();
    assertThat(here.check(signature, SAID, "test")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {-60_000, -30_000, 0, 30_000})
  void clocksMayDifferByHalfAMinuteAndARequestMayTakeAsLong(long later) {
    String header = signed();
    clock.addAndGet(-later);

    assertThat(check(here, header, asked(CLIENT))).isPresent();
  }

  @Test
  void whatWasSignedLongAgoIsRefused() {
    String header = signed();
    clock.addAndGet(60_001);

    assertThat(check(here, header, asked(CLIENT))).isEmpty();
    assertThat(refused).containsExactly("request expired");
  }

  @Test
  void whatIsSignedByAClockThatIsFarAheadIsRefused() {
    String header = signed();
    clock.addAndGet(-30_001);

    assertThat(check(here, header, asked(CLIENT))).isEmpty();
    assertThat(refused).containsExactly("request early");
  }

  @Test
  void whatWasRefusedAsItsTimeWasOverIsNotRememberedAsHeard() {
    String header = signed();
    clock.addAndGet(-30_001);
    check(here, header, asked(CLIENT));
    clock.addAndGet(1);

    assertThat(check(here, header, asked(CLIENT))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "-", "          ", "t 192.0.2.1 there r 1 1 here/first ", "a b c"})
  void malformedHeadersAreNoSignatures(String header) {
    assertThat(check(here, header, asked(CLIENT))).isEmpty();
    assertThat(refused).containsExactly("request forged");
  }

  @Test
  void numbersAreTakenOnceWithinTheWindow() {
    ReplayWindow window = new ReplayWindow();

    assertThat(window.isNew(1)).isTrue();
    assertThat(window.isNew(1)).isFalse();
    assertThat(window.isNew(3)).isTrue();
    assertThat(window.isNew(2)).isTrue();
    assertThat(window.isNew(2)).isFalse();
    assertThat(window.isNew(ReplayWindow.WIDTH + 3)).isTrue();
    assertThat(window.isNew(3)).isFalse();
    assertThat(window.isNew(4)).isTrue();
    assertThat(window.isNew(10L * ReplayWindow.WIDTH)).isTrue();
    assertThat(window.isNew(4)).isFalse();
    assertThat(window.isNew(10L * ReplayWindow.WIDTH - 1)).isTrue();
    assertThat(window.isNew(10L * ReplayWindow.WIDTH)).isFalse();
    assertThat(window.isNew(0)).isFalse();
  }

  private String signed() {
    return REFERRAL.sign(there, HERE).orElseThrow();
  }

  private static Optional<SignedRequest.Client> check(
      NodeTrust trust, String header, SignedRequest asked) {
    return SignedRequest.check(trust, header, asked, "test");
  }

  /** The request as it comes: who the client is stands in the signed header only. */
  private static SignedRequest asked(SignedRequest.Client client) {
    return new SignedRequest(
        "GET",
        "/path?query",
        new SignedRequest.Client("", false, client.forwardedFor(), client.proto(), client.host()));
  }

  private static SignedRequest.Client client(String forwardedFor, String proto, String host) {
    return new SignedRequest.Client("192.0.2.1", true, forwardedFor, proto, host);
  }

  private NodeTrust trust(String name, String key) {
    return trust(new Incarnation(new NodeId(name), "first"), Signed.REQUEST, key);
  }

  private NodeTrust trust(Incarnation self, Signed kind, String key) {
    Optional<Keyring> ring =
        key.isEmpty() ? Optional.empty() : Optional.of(Keyring.of(List.of(key)));
    RejectionLog refusals =
        new RejectionLog((what, reason) -> refused.add(what + " " + reason), clock::get);
    return new NodeTrust(kind, self, () -> ring, refusals, clock::get);
  }
}
