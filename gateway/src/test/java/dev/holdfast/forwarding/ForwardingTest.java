package dev.holdfast.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.IpLiteral;
import dev.holdfast.config.Settings;
import dev.holdfast.config.TrustedProxies;
import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.memory.Quotas.Peer;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardingTest {
  private static final String PROXY = "10.0.0.1";
  private static final String STRANGER = "203.0.113.7";

  private final Forwarding forwarding =
      new Forwarding(
          TrustedProxies.of(List.of("10.0.0.0/8", "fd00::/8")),
          Settings.of(Map.of("auth.trusted-headers", "X-User-Email")));
  private final HeaderMap headers = new HeaderMap();

  @Test
  void strangerIsNotBelieved() {
    headers.put(Headers.HOST, "chat.example");
    headers.put(Headers.X_FORWARDED_FOR, "1.1.1.1");
    headers.put(Headers.X_FORWARDED_PROTO, "https");
    headers.put(Headers.X_FORWARDED_HOST, "evil.example");

    assertThat(client(STRANGER))
        .isEqualTo(
            new ForwardedClient(
                STRANGER, peer(STRANGER), false, STRANGER, "http", Optional.of("chat.example")));
  }

  @Test
  void trustedProxyIsBelievedAndAppended() {
    headers.put(Headers.HOST, "internal");
    headers.add(Headers.X_FORWARDED_FOR, "198.51.100.1, 198.51.100.2");
    headers.add(Headers.X_FORWARDED_FOR, "10.0.0.9");
    headers.put(Headers.X_FORWARDED_PROTO, "https");
    headers.put(Headers.X_FORWARDED_HOST, "chat.example");

    assertThat(client(PROXY))
        .isEqualTo(
            new ForwardedClient(
                "198.51.100.2",
                peer("198.51.100.2"),
                true,
                "198.51.100.1, 198.51.100.2, 10.0.0.9, 10.0.0.1",
                "https",
                Optional.of("chat.example")));
  }

  @Test
  void trustedProxyThatSaysNothingIsTheClient() {
    assertThat(client(PROXY))
        .isEqualTo(new ForwardedClient(PROXY, peer(PROXY), true, PROXY, "http", Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "198.51.100.1:4711                  | 198.51.100.1",
        "[2001:db8::5]:4711                 | 2001:db8:0:0:0:0:0:5",
        "2001:db8::5                        | 2001:db8:0:0:0:0:0:5",
        "198.51.100.1, unknown, 10.2.2.2    | 10.2.2.2",
        "unknown                            | 10.0.0.1",
        "10.3.3.3, fd00::1                  | 10.3.3.3",
        "6.6.6.6, 198.51.100.1              | 198.51.100.1",
        "''                                 | 10.0.0.1",
        "',, '                              | 10.0.0.1",
        "[::1                               | 10.0.0.1",
      })
  void clientIsTheNearestHopThatIsNotTrusted(String forwardedFor, String expected) {
    headers.put(Headers.X_FORWARDED_FOR, forwardedFor);

    assertThat(client(PROXY).address()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "forwarded",
        "x-real-ip",
        "x-user-email",
        "X-Forwarded-Port",
        "x-forwarded-prefix"
      })
  void onlyATrustedProxyMaySetThem(String name) {
    var header = new HttpString(name);

    assertThat(forwarding.drops(header, client(STRANGER))).isTrue();
    assertThat(forwarding.drops(header, client(PROXY))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-forwarded-for", "X-Forwarded-Proto", "X-FORWARDED-HOST"})
  void forwardedHeadersAreNeverPassedAsTheyCame(String name) {
    assertThat(forwarding.drops(new HttpString(name), client(PROXY))).isTrue();
    assertThat(forwarding.drops(new HttpString(name), client(STRANGER))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Cookie", "Authorization", "X-Forwarded-", "X-Requested-With"})
  void otherHeadersAreNobodysBusiness(String name) {
    assertThat(forwarding.drops(new HttpString(name), client(STRANGER))).isFalse();
  }

  private static Peer peer(String address) {
    return Peer.of(IpLiteral.parse(address).orElseThrow());
  }

  private ForwardedClient client(String peer) {
    var address = new InetSocketAddress(IpLiteral.parse(peer).orElseThrow(), 4711);
    return forwarding.client(address, "http", headers);
  }
}
