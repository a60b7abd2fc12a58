package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KindTest {
  private static final Kind<Duration> DURATION = Kinds.duration("0s", "7d");
  private static final Kind<Long> SIZE = Kinds.size("1B", "8TiB");
  private static final Kind<List<URI>> UPSTREAMS = UpstreamKeys.UPSTREAMS.kind();

  @ParameterizedTest
  @CsvSource({"1500ms, PT1.5S", "25s, PT25S", "5m, PT5M", "1h, PT1H", "2d, PT48H", "' 3 s ', PT3S"})
  void durationIsNumberAndUnit(String text, Duration value) throws Rejected {
    assertThat(DURATION.parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"25", "", "s", "1.5s", "-1s", "1w", "5M", "1h30m", "1e3s"})
  void durationWithoutKnownUnitIsRefused(String text) {
    refused(DURATION, text, "a duration needs a unit: 1500ms, 25s, 5m or 1h");
  }

  @ParameterizedTest
  @CsvSource({
    "512B, 512",
    "64KiB, 65536",
    "1KB, 1000",
    "1MB, 1000000",
    "2MiB, 2097152",
    "1GB, 1000000000",
    "1GiB, 1073741824",
    "1TB, 1000000000000",
    "1TiB, 1099511627776"
  })
  void sizeIsNumberAndUnit(String text, long bytes) throws Rejected {
    assertThat(SIZE.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1024", "1K", "64kib", "1.5GiB", "GiB", "-1B"})
  void sizeWithoutKnownUnitIsRefused(String text) {
    refused(SIZE, text, "a size needs a unit: 512B, 64KiB, 1MB or 1GiB");
  }

  @Test
  void valuesBeyondTheirBoundsAreRefused() {
    refused(DURATION, "8d", "must be 0s to 7d");
    refused(Kinds.duration("1s", "2s"), "999ms", "must be 1s to 2s");
    refused(DURATION, "999999999999999999d", "must be 0s to 7d");
    refused(SIZE, "999999999999999999TiB", "must be 1B to 8TiB");
    refused(SIZE, "0B", "must be 1B to 8TiB");
    refused(Kinds.smallSize("1KiB", "1MiB"), "2MiB", "must be 1KiB to 1MiB");
    refused(Kinds.count(1, 9), "0", "must be 1 to 9");
    refused(Kinds.count(1, 9), "10", "must be 1 to 9");
    refused(Kinds.count(1, 9), "1.0", "must be a whole number, 1 to 9");
  }

  @Test
  void wordsAreTakenAsTheyAreListed() throws Rejected {
    assertThat(Kinds.flag().parse("TRUE")).isTrue();
    assertThat(Kinds.flag().parse("false")).isFalse();
    refused(Kinds.flag(), "yes", "must be true or false");
    assertThat(ProcessKeys.FORMAT.kind().parse("json")).isEqualTo(ProcessKeys.Format.JSON);
    refused(ProcessKeys.FORMAT.kind(), "JSON", "must be one of text, json");
  }

  @Test
  void wordAndEmptyTextMeanNothing() throws Rejected {
    assertThat(LimitKeys.MESSAGE.kind().parse("announced")).isEmpty();
    assertThat(LimitKeys.MESSAGE.kind().parse("")).isEmpty();
    assertThat(LimitKeys.MESSAGE.kind().parse("1MB")).contains(1_000_000L);
  }

  @Test
  void fileMustBeThereAndReadable(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("ca.pem"), "x");

    assertThat(Kinds.file().parse(file.toString())).isEqualTo(file);
    refused(Kinds.file(), directory.toString(), "no such file");
    refused(Kinds.file(), "a\0b", "must be the path of a file");
  }

  @ParameterizedTest
  @CsvSource({
    "http://open-webui:8080, http://open-webui:8080",
    "HTTPS://Chat.Example.org/, https://chat.example.org",
    "'http://[::1]:80', 'http://[::1]:80'",
    "http://open_webui:8080, http://open_webui:8080",
    "http://Open_WebUI/, http://open_webui",
    "http://_webui.ns_1:80, http://_webui.ns_1:80",
    "http://2webui:8080, http://2webui:8080",
    "http://webui-:8080, http://webui-:8080",
    "https://2webui:8443, https://2webui:8443",
    "'https://[::1]:8443', 'https://[::1]:8443'",
    "https://10.0.0.1, https://10.0.0.1"
  })
  void upstreamIsSchemeHostAndPort(String text, URI value) throws Rejected {
    assertThat(UPSTREAMS.parse(text)).containsExactly(value);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, must start with http:// or https://",
    "ws://a, must start with http:// or https://",
    "//a, must start with http:// or https://",
    "http://u:p@a, must not hold a user or password",
    "http://u:p@open_webui, must not hold a user or password",
    "'http:///x', 'must hold a host name of letters, digits, ''-'', ''.'' and ''_'', or an IP address'",
    "http:a, 'must hold a host name of letters, digits, ''-'', ''.'' and ''_'', or an IP address'",
    "http://1.2.3.999:80, 'must hold a host name of letters, digits, ''-'', ''.'' and ''_'', or an IP address'",
    "http://10.1:80, 'must hold a host name of letters, digits, ''-'', ''.'' and ''_'', or an IP address'",
    "http://a+b:80, 'must hold a host name of letters, digits, ''-'', ''.'' and ''_'', or an IP address'",
    "http://open_webui:x, 'must hold a host name of letters, digits, ''-'', ''.'' and ''_'', or an IP address'",
    "http://open_webui:123456, 'must hold a host name of letters, digits, ''-'', ''.'' and ''_'', or an IP address'",
    "http://open_webui:0, the port must be 1 to 65535",
    "http://open_webui/path, 'must end after the host and port, without path, query or fragment'",
    "https://open_webui:8443, 'has a host name that no certificate can name; give the host a name of letters, digits, ''-'' and ''.'', or use http://'",
    "https://webui-, 'has a host name that no certificate can name; give the host a name of letters, digits, ''-'' and ''.'', or use http://'",
    "http://a b, must be a URL such as http://open-webui:8080",
    "http://a:0, the port must be 1 to 65535",
    "http://a:70000, the port must be 1 to 65535",
    "http://a/path, 'must end after the host and port, without path, query or fragment'",
    "http://a?q, 'must end after the host and port, without path, query or fragment'",
    "http://a#f, 'must end after the host and port, without path, query or fragment'"
  })
  void upstreamOfAnotherFormIsRefused(String text, String expected) {
    refused(UPSTREAMS, text, expected);
  }

  @ParameterizedTest
  @CsvSource({
    "http://open_webui, open_webui, 80, open_webui",
    "http://open_webui:8080, open_webui, 8080, open_webui:8080",
    "http://Chat.Example:80, chat.example, 80, chat.example",
    "https://chat.example, chat.example, 443, chat.example",
    "'https://[FE80::1]:8443', '[fe80::1]', 8443, '[fe80::1]:8443'",
    "'http://[::1]', '[::1]', 80, '[::1]'",
  })
  void hostAndPortOfAUrlAreReadInOneWay(URI url, String host, int port, String header) {
    assertThat(Authority.of(url))
        .extracting(Authority::host, Authority::port, Authority::header)
        .containsExactly(host, port, header);
  }

  @ParameterizedTest
  @CsvSource({
    "client, shown:8443, shown:8443",
    "client, '', webui:8080",
    "client, , webui:8080",
    "upstream, shown, webui:8080",
    "Chat.Example.org:443, shown, Chat.Example.org:443",
    "'[::1]:80', shown, '[::1]:80'",
    "open_webui, , open_webui",
  })
  void hostHeaderIsOfTheClientOrTheUpstreamOrFixed(
      String text, @Nullable String client, String sent) throws Rejected {
    assertThat(HostHeader.kind().parse(text).of(Optional.ofNullable(client), "webui:8080"))
        .isEqualTo(sent);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "http://a", "a/b", "a:b", "a\r\nX: y", "::1"})
  void hostHeaderThatIsNoHostIsRefused(String text) {
    refused(HostHeader.kind(), text, "must be client, upstream or a host, with or without a port");
  }

  @Test
  void upstreamsAreNamedOnceEach() throws Rejected {
    assertThat(UPSTREAMS.parse("http://a:1, http://b:1,")).hasSize(2);
    refused(UPSTREAMS, "http://a:1,http://A:1/", "each may be given once");
    refused(UPSTREAMS, " , ", "at least one is needed");
  }

  @Test
  void listenAddressIsHostAndPort() throws Rejected {
    assertThat(Addresses.listen().parse("[::]:8000")).isEqualTo(new HostPort("::", 8000));
    assertThat(Addresses.listen().parse("localhost:0")).isEqualTo(new HostPort("localhost", 0));
    for (String text : List.of("8000", ":8000", "a:65536", "::1:80", "http://a:80", "a:")) {
      refused(Addresses.listen(), text, "must be host:port, such as 127.0.0.1:8000 or [::1]:8000");
    }
  }

  @Test
  void originsAreSeparatedAsInOpenWebUi() throws Rejected {
    assertThat(EdgeKeys.ORIGINS.kind().parse("https://a.org;http://b:3000;capacitor://localhost"))
        .containsExactly("https://a.org", "http://b:3000", "capacitor://localhost");
    assertThat(EdgeKeys.ORIGINS.kind().parse("*")).containsExactly("*");
    String expected =
        "must be * or scheme://host[:port] without a path, such as https://chat.example.org or"
            + " capacitor://localhost";
    for (String text : List.of("a.org", "mailto:a", "https://a.org/chat", "https://*.a.org")) {
      refused(EdgeKeys.ORIGINS.kind(), text, expected);
    }
    refused(
        EdgeKeys.ORIGINS.kind(),
        "null",
        "must not be null, which any page can make its origin; * allows all of them");
  }

  @Test
  void originsAreReadAsBrowsersWriteThem() throws Rejected {
    assertThat(EdgeKeys.ORIGINS.kind().parse("https://A.org/ ; wss://b.org:443;ws://c:3000"))
        .containsExactly("https://a.org", "https://b.org", "http://c:3000");
    assertThat(EdgeKeys.ORIGINS.kind().parse("https://b\u00fccher.example:8443;tauri://localhost/"))
        .containsExactly("https://xn--bcher-kva.example:8443", "tauri://localhost");
  }

  @Test
  void pathAlwaysEndsWithSlash() throws Rejected {
    assertThat(Addresses.path().parse("/ws/socket.io")).isEqualTo("/ws/socket.io/");
    assertThat(Addresses.path().parse("/socket.io/")).isEqualTo("/socket.io/");
    for (String text : List.of("/", "ws", "/a//b", "/a?b", "/a b")) {
      refused(Addresses.path(), text, "must be a path such as /ws/socket.io/");
    }
  }

  @Test
  void headersAndBlocksAreChecked() throws Rejected {
    assertThat(ProxyKeys.TRUSTED_HEADERS.kind().parse("X-User, X-Name"))
        .containsExactly("X-User", "X-Name");
    refused(ProxyKeys.TRUSTED_HEADERS.kind(), "X User", "must be names of HTTP headers");
    assertThat(ProxyKeys.TRUSTED_PROXIES.kind().parse("10.0.0.0/8,::1")).hasSize(2);
    refused(
        ProxyKeys.TRUSTED_PROXIES.kind(),
        "10.0.0.0/33",
        "must be an address or a block such as 10.0.0.0/8 or fd00::/8");
  }

  private static void refused(Kind<?> kind, String text, String expected) {
    assertThatThrownBy(() -> kind.parse(text)).isInstanceOf(Rejected.class).hasMessage(expected);
  }
}
