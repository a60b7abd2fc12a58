package dev.holdfast.cli.remote;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.StallingServer;
import dev.holdfast.admin.Api;
import dev.holdfast.config.HostPort;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpLineTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
      })
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nodeThatStopsWithinItsAnswerIsNotWaitedForWithoutEnd(String said) throws IOException {
    try (StallingServer node = StallingServer.saying(said);
        HttpLine line =
            new HttpLine(
                new HostPort("127.0.0.1", node.uri().getPort()),
                Optional.empty(),
                "",
                Duration.ofMillis(300))) {
      assertThatThrownBy(() -> line.call(new Api.Call("GET", "/nodes", Map.of())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no answer from the admin port at 127.0.0.1:");
    }
  }
}
