package dev.holdfast.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import dev.holdfast.http1.ForwardedClient;
import io.undertow.server.HttpServerExchange;
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

class OriginPolicyTest {
  private static final String PROXY = "10.0.0.1";
  private static final String STRANGER = "192.0.2.1";
  private static final String PAGE = "https://chat.example.org";
  private static final HttpString SERVER = new HttpString("X-Forwarded-Server");
  private static final HttpString PORT = new HttpString("X-Forwarded-Port");

  private final Forwarding forwarding =
      new Forwarding(Settings.of(Map.of("proxy.trusted-proxies", "10.0.0.0/8")));
  private final HttpServerExchange exchange = new HttpServerExchange(null);
  private String peer = STRANGER;
  private String scheme = "http";

  private void header(HttpString name, String value) {
    exchange.getRequestHeaders().add(name, value);
  }

  private Optional<String> objection(String... origins) {
    exchange.setSourceAddress(new InetSocketAddress(peer, 4000));
    exchange.setRequestScheme(scheme);
    return new OriginPolicy(List.of(origins), forwarding).objection(exchange);
  }

  private void isAllowed(String... origins) {
    assertThat(objection(origins)).isEmpty();
  }

  private void isRefused(String... parts) {
    assertThat(objection()).get().asString().contains(parts);
  }

  @Test
  void requestOfNoPageIsAllowed() {
    isAllowed();
    isAllowed(PAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "null", "chat.example.org", "https://", "capacitor://chat.example.org"})
  void whatIsNoWebPagesOriginIsRefusedWithoutAList(String origin) {
    header(Headers.HOST, "chat.example.org");
    header(Headers.ORIGIN, origin);

    isRefused("Origin is '" + origin + "'", "'chat.example.org' (Host)", "socketio.origins");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "https://evil.example", "anything"})
  void starAllowsAllPages(String origin) {
    header(Headers.ORIGIN, origin);

    isAllowed("*");
    isAllowed(PAGE, "*");
  }

  @ParameterizedTest
  @CsvSource({
    "https://chat.example.org:8443, chat.example.org:8443, true",
    "https://chat.example.org:8443, chat.example.org, true",
    "http://chat.example.org:8080, chat.example.org, true",
    "https://chat.example.org, chat.example.org, true",
    "https://chat.example.org, chat.example.org:443, true",
    "http://chat.example.org, chat.example.org, true",
    "http://Chat.Example.org, CHAT.EXAMPLE.ORG, true",
    "https://chat.example.org/, chat.example.org, true",
    "wss://chat.example.org, chat.example.org, true",
    "https://chat.example.org, chat.example.org:8443, false",
    "https://chat.example.org:9999, chat.example.org:8443, false",
    "https://evil.example, chat.example.org, false",
    "https://chat.example.org.evil.example, chat.example.org, false",
    "https://evil.example/chat.example.org, chat.example.org, false",
    "https://chat.example.org@evil.example, chat.example.org, false"
  })
  void pageOfTheRequestsHostIsAllowedWhateverTheProxyDoesWithThePort(
      String origin, String host, boolean allowed) {
    header(Headers.HOST, host);
    header(Headers.ORIGIN, origin);

    assertThat(objection().isEmpty()).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chat.example.org",
        "chat.example.org:443",
        "chat.example.org, inner.example",
        "inner.example ,chat.example.org"
      })
  void forwardedHostCountsWhoeverSendsIt(String forwarded) {
    header(Headers.HOST, "127.0.0.1:8000");
    header(Headers.X_FORWARDED_HOST, forwarded);
    header(Headers.ORIGIN, PAGE);

    isAllowed();
    peer = PROXY;
    isAllowed();
  }

  @Test
  void forwardedHostOfAnotherIsRefusedAndNamed() {
    header(Headers.HOST, "127.0.0.1:8000");
    header(Headers.X_FORWARDED_HOST, "chat.example.org, inner");
    header(Headers.ORIGIN, "https://evil.example");

    isRefused(
        "Origin is 'https://evil.example'",
        "'127.0.0.1:8000' (Host)",
        "'chat.example.org, inner' (X-Forwarded-Host)",
        "socketio.origins (CORS_ALLOW_ORIGIN)");
  }

  @Test
  void requestWithoutAHostIsOfNoPage() {
    header(Headers.ORIGIN, PAGE);

    isRefused("none (Host)", "none (X-Forwarded-Host)");
  }

  @Test
  void ownTlsStatesTheScheme() {
    scheme = "https";
    header(Headers.HOST, "chat.example.org");
    header(Headers.ORIGIN, "http://chat.example.org");

    isRefused("came by https", "tls.certificate", "proxy.trusted-proxies");
  }

  @ParameterizedTest
  @CsvSource({
    "https, https://chat.example.org, true",
    "wss, https://chat.example.org, true",
    "HTTPS, https://chat.example.org, true",
    "'https, http', https://chat.example.org, true",
    "https, http://chat.example.org, false",
    "wss, http://chat.example.org, false",
    "http, http://chat.example.org, true",
    "ws, http://chat.example.org, true",
    "http, https://chat.example.org, false",
    "'http, https', https://chat.example.org, false",
    "'', https://chat.example.org, true",
    "'', http://chat.example.org, true",
    "gopher, https://chat.example.org, true"
  })
  void trustedProxyStatesTheScheme(String proto, String origin, boolean allowed) {
    peer = PROXY;
    header(Headers.HOST, "chat.example.org");
    header(Headers.X_FORWARDED_PROTO, proto);
    header(Headers.ORIGIN, origin);

    assertThat(objection().isEmpty()).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "ws"})
  void strangerStatesNoScheme(String proto) {
    header(Headers.HOST, "chat.example.org");
    header(Headers.X_FORWARDED_PROTO, proto);
    header(Headers.ORIGIN, PAGE);

    isAllowed();
  }

  @Test
  void strangerDoesNotTakeBackWhatOwnTlsStates() {
    scheme = "https";
    header(Headers.HOST, "chat.example.org");
    header(Headers.X_FORWARDED_PROTO, "http");
    header(Headers.ORIGIN, "http://chat.example.org");

    isRefused("came by https");
  }

  @ParameterizedTest
  @CsvSource({
    "https://chat.example.org, true",
    "https://chat.example.org:443, true",
    "wss://chat.example.org, true",
    "capacitor://localhost, true",
    "http://chat.example.org, false",
    "https://chat.example.org:8443, false",
    "capacitor://other, false",
    "https://10.0.0.5, false",
    "null, false",
    "'', false"
  })
  void listIsAllThatCounts(String origin, boolean allowed) {
    header(Headers.HOST, "10.0.0.5");
    header(Headers.X_FORWARDED_HOST, "10.0.0.5");
    header(Headers.ORIGIN, origin);

    Optional<String> objection = objection(PAGE, "capacitor://localhost");

    assertThat(objection.isEmpty()).isEqualTo(allowed);
    objection.ifPresent(
        it ->
            assertThat(it)
                .contains("Origin is '" + origin)
                .contains("socketio.origins (CORS_ALLOW_ORIGIN) allows " + PAGE));
  }

  @Test
  void longListIsNotToldWhole() {
    header(Headers.ORIGIN, "https://evil.example");

    String[] origins = {"http://a", "http://b", "http://c", "http://d", "http://e", "http://f"};

    assertThat(objection(origins)).get().asString().endsWith("http://e and 1 more");
  }

  @Test
  void twoOriginsAreRefused() {
    header(Headers.HOST, "chat.example.org");
    header(Headers.ORIGIN, PAGE);
    header(Headers.ORIGIN, PAGE);

    isRefused("Origin is 'https://chat.example.org, https://chat.example.org'");
    assertThat(objection(PAGE)).isPresent();
  }

  @Test
  void objectionCanBeLoggedAndQuotedWhateverIsSent() {
    header(Headers.HOST, "a\"b\\c");
    header(Headers.ORIGIN, "<script>\u0000\u001b[31m\u00e9'&\"" + "x".repeat(10_000));

    String objection = objection().orElseThrow();

    assertThat(objection).hasSizeLessThan(700).matches("[ -~]+").doesNotContain("\"", "\\", "<");
  }

  @Test
  void whatANodeSendsOnHasBeenCheckedThere() {
    header(Headers.HOST, "127.0.0.1:8000");
    header(Headers.ORIGIN, PAGE);
    Forwarding.vouch(
        exchange,
        new ForwardedClient(
            STRANGER,
            Forwarding.peerOf(STRANGER),
            false,
            STRANGER,
            "http",
            Optional.of("127.0.0.1:8000")));

    isAllowed();
  }

  /** What Traefik 3 sends for a page at this address; no Debian has it. */
  @ParameterizedTest
  @CsvSource({
    "https://chat.example.org, chat.example.org, wss, 443",
    "https://chat.example.org, chat.example.org, https, 443",
    "http://chat.example.org, chat.example.org, ws, 80",
    "https://chat.example.org:8443, chat.example.org:8443, wss, 8443",
    "http://chat.example.org:8080, chat.example.org:8080, http, 8080"
  })
  void pageBehindTraefikIsAllowed(String origin, String host, String proto, String port) {
    header(Headers.HOST, host);
    header(Headers.X_FORWARDED_FOR, "198.51.100.7");
    header(Headers.X_FORWARDED_HOST, host);
    header(PORT, port);
    header(Headers.X_FORWARDED_PROTO, proto);
    header(SERVER, "traefik-7d9f");
    header(new HttpString("X-Real-Ip"), "198.51.100.7");
    header(Headers.ORIGIN, origin);

    isAllowed();
    peer = PROXY;
    isAllowed();
    exchange.getRequestHeaders().put(Headers.ORIGIN, "https://evil.example");
    isRefused("'https://evil.example'");
  }
}
