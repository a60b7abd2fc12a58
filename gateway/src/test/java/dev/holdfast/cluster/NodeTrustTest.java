package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeTrustTest {
  private static final Referral.Client CLIENT =
      new Referral.Client("192.0.2.1", true, "192.0.2.1, 192.0.2.2", "https", "chat.example");
  private static final Referral REFERRAL = new Referral("GET", "/path?query", CLIENT);
  private static final NodeId HERE = new NodeId("here");

  private final NodeTrust there = trust("there", "key");
  private final NodeTrust here = trust("here", "key");

  @Test
  void whatIsSignedIsBelieved() {
    assertThat(here.check(signed(), asked(CLIENT))).contains(CLIENT);
  }

  @Test
  void copyIsWorthNothing() {
    String header = signed();
    here.check(header, asked(CLIENT));

    assertThat(here.check(header, asked(CLIENT))).isEmpty();
  }

  @Test
  void requestsMayOvertakeEachOther() {
    String first = signed();
    String second = signed();

    assertThat(here.check(second, asked(CLIENT))).isPresent();
    assertThat(here.check(first, asked(CLIENT))).isPresent();
  }

  @Test
  void nothingOfItMayBeChanged() {
    assertThat(here.check(signed(), new Referral("POST", "/path?query", CLIENT))).isEmpty();
    assertThat(here.check(signed(), new Referral("GET", "/path?other", CLIENT))).isEmpty();
    assertThat(here.check(signed(), asked(client("192.0.2.9", "https", "chat.example")))).isEmpty();
    assertThat(here.check(signed(), asked(client("192.0.2.1, 192.0.2.2", "http", "chat.example"))))
        .isEmpty();
    assertThat(here.check(signed(), asked(client("192.0.2.1, 192.0.2.2", "https", "other"))))
        .isEmpty();
    assertThat(here.check(signed().replace("192.0.2.1", "192.0.2.9"), asked(CLIENT))).isEmpty();
    assertThat(here.check(signed().replace(" t ", " u "), asked(CLIENT))).isEmpty();
    assertThat(here.check(signed().replaceFirst("there", "their"), asked(CLIENT))).isEmpty();
  }

  @Test
  void signatureIsForOneNode() {
    assertThat(trust("elsewhere", "key").check(signed(), asked(CLIENT))).isEmpty();
  }

  @Test
  void anotherKeySignsNothing() {
    assertThat(trust("here", "other").check(signed(), asked(CLIENT))).isEmpty();
    assertThat(trust("here", "").check(signed(), asked(CLIENT))).isEmpty();
    assertThat(trust("there", "").sign(HERE, REFERRAL)).isEmpty();
  }

  @Test
  void nodeDoesNotBelieveItself() {
    assertThat(here.check(here.sign(HERE, REFERRAL).orElseThrow(), asked(CLIENT))).isEmpty();
  }

  @Test
  void malformedHeadersAreNoSignatures() {
    for (String header : new String[] {"", " ", "-", "     ", "there r 1 t 192.0.2.1 ", "a b c"}) {
      assertThat(here.check(header, asked(CLIENT))).isEmpty();
    }
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
    return there.sign(HERE, REFERRAL).orElseThrow();
  }

  /** The request as it comes: who the client is stands in the signed header only. */
  private static Referral asked(Referral.Client client) {
    return new Referral(
        "GET",
        "/path?query",
        new Referral.Client("", false, client.forwardedFor(), client.proto(), client.host()));
  }

  private static Referral.Client client(String forwardedFor, String proto, String host) {
    return new Referral.Client("192.0.2.1", true, forwardedFor, proto, host);
  }

  private static NodeTrust trust(String name, String key) {
    NodeId self = new NodeId(name);
    return new NodeTrust(
        new Peers() {
          @Override
          public NodeId self() {
            return self;
          }

          @Override
          public Optional<InetSocketAddress> find(NodeId node) {
            return Optional.empty();
          }

          @Override
          public Optional<byte[]> key() {
            return key.isEmpty()
                ? Optional.empty()
                : Optional.of(key.getBytes(java.nio.charset.StandardCharsets.UTF_8));
          }
        });
  }
}
