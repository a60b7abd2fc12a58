package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.StallingServer;
import dev.holdfast.config.Settings;
import dev.holdfast.tls.PemPair;
import dev.holdfast.tls.ServerTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamCheckIT {
  private static final Settings SETTINGS = Settings.of(Map.of("upstream.health-timeout", "20s"));

  private final StandInOpenWebUi webui = StandInOpenWebUi.start();

  @AfterEach
  void stop() {
    webui.close();
  }

  @Test
  void workingUpstreamIsDescribed() {
    List<Finding> findings = UpstreamCheck.run(webui.uri(), SETTINGS);

    assertThat(findings).allMatch(Finding::ok);
    assertThat(findings)
        .extracting(Finding::name)
        .containsExactly(
            "address",
            "reachable",
            "health",
            "page",
            "version",
            "websockets",
            "engine.io",
            "limits");
    assertThat(findings)
        .contains(
            new Finding("version", true, "Open WebUI 0.12.4"),
            new Finding(
                "limits",
                true,
                "ping every 25000 ms, timeout 20000 ms, messages up to 16777216 bytes"));
  }

  @Test
  void websocketsThatAreOffAreNamed() {
    webui.websockets = false;

    assertThat(UpstreamCheck.run(webui.uri(), SETTINGS))
        .contains(
            new Finding("health", true, "/health: 200"),
            new Finding(
                "websockets",
                false,
                "it accepts no WebSocket: set ENABLE_WEBSOCKET_SUPPORT=true in Open WebUI"));
  }

  @Test
  void pageThatIsNotServedUnderTheHostOfPagesIsNamed() {
    webui.servedHost = "chat.example.org";
    Settings other = Settings.of(Map.of("upstream.host", "other.example.org"));
    Settings same = Settings.of(Map.of("upstream.host", "chat.example.org"));

    assertThat(UpstreamCheck.run(webui.uri(), other))
        .contains(
            new Finding("health", true, "/health: 200"), new Finding("page", false, "/: 404"));
    assertThat(UpstreamCheck.run(webui.uri(), same)).contains(new Finding("page", true, "/: 200"));
  }

  @Test
  void upstreamThatIsAwayFailsEveryPoint() {
    webui.close();

    List<Finding> findings = UpstreamCheck.run(webui.uri(), SETTINGS);

    assertThat(findings)
        .hasSize(8)
        .filteredOn(Finding::ok)
        .extracting(Finding::name)
        .containsExactly("address");
    assertThat(findings)
        .filteredOn(finding -> finding.name().equals("reachable"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.detail()).endsWith(": Connection refused"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
      })
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void upstreamThatStopsWithinItsAnswerIsNotWaitedForWithoutEnd(String said) throws Exception {
    try (StallingServer server = StallingServer.saying(said)) {
      Settings brief = Settings.of(Map.of("upstream.health-timeout", "300ms"));

      List<Finding> findings = UpstreamCheck.run(server.uri(), brief);

      assertThat(findings)
          .filteredOn(it -> !it.name().equals("address"))
          .noneMatch(Finding::ok)
          .anySatisfy(it -> assertThat(it.detail()).contains("in time"));
    }
  }

  @Test
  void certificateThatIsNotTrustedIsNamed(@TempDir Path folder) throws Exception {
    PemPair pair = PemPair.create(folder, "localhost", "EC", "localhost");
    try (ServerTls tls = ServerTls.open(pair.certificate(), pair.key());
        StandInOpenWebUi secure = StandInOpenWebUi.start(tls.context())) {
      assertThat(UpstreamCheck.run(secure.uri(), SETTINGS))
          .anySatisfy(
              finding ->
                  assertThat(finding.detail())
                      .startsWith("the TLS handshake failed: ")
                      .contains("unable to find valid certification path"));
      Settings trusting =
          Settings.of(
              Map.of(
                  "upstream.ca-file",
                  pair.certificate().toString(),
                  "upstream.health-timeout",
                  "20s"));
      assertThat(UpstreamCheck.run(secure.uri(), trusting)).allMatch(Finding::ok);
    }
  }
}
