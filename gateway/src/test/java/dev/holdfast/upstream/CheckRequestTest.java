package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckRequestTest {
  private static final URI WEBUI = URI.create("http://open_webui:8080");

  @ParameterizedTest
  @CsvSource({
    // upstream.host, socketio.origins, and what is sent
    "client, , open_webui:8080, open_webui:8080, http",
    "client, *, open_webui:8080, open_webui:8080, http",
    "client, https://chat.example;https://b.example, chat.example, chat.example, https",
    "client, https://chat.example:8443, chat.example:8443, chat.example:8443, https",
    "client, https://chat.example:443, chat.example, chat.example, https",
    "client, capacitor://localhost;wss://chat.example/, chat.example, chat.example, https",
    "client, http://Chat.example, chat.example, chat.example, http",
    "upstream, https://chat.example, open_webui:8080, chat.example, https",
    "ui.internal, https://chat.example, ui.internal, chat.example, https",
    "ui.internal:81, , ui.internal:81, ui.internal:81, http",
  })
  void checkAsksAsAPageDoes(
      String host, @Nullable String origins, String sentHost, String site, String proto) {
    Map<String, String> texts = new HashMap<>(Map.of("upstream.host", host));
    if (origins != null) {
      texts.put("socketio.origins", origins);
    }

    CheckRequest request = CheckRequest.of(Settings.of(texts), WEBUI);

    assertThat(text(request.page("/health")))
        .isEqualTo(
            """
            GET /health HTTP/1.1
            Host: %s
            Accept: */*
            Connection: close
            User-Agent: Holdfast
            X-Forwarded-For: 127.0.0.1
            X-Forwarded-Proto: %s
            X-Forwarded-Host: %s

            """
                .formatted(sentHost, proto, site));
  }

  @Test
  void handshakeHasTheSameHeaders() {
    CheckRequest request = CheckRequest.of(Settings.of(Map.of()), WEBUI);

    assertThat(text(request.webSocket("a2V5")))
        .isEqualTo(
            """
            GET /ws/socket.io/?EIO=4&transport=websocket HTTP/1.1
            Host: open_webui:8080
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: a2V5
            User-Agent: Holdfast
            X-Forwarded-For: 127.0.0.1
            X-Forwarded-Proto: http
            X-Forwarded-Host: open_webui:8080

            """);
  }

  private static String text(byte[] request) {
    return new String(request, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
  }
}
