package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engineio.EndpointPath.Reading;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointPathTest {
  private final EndpointPath path = new EndpointPath("/ws/socket.io/");

  @ParameterizedTest
  @ValueSource(strings = {"/ws/socket.io/", "/ws/socket.io"})
  void endpointIsItsPathWithOrWithoutTheLastSlash(String asked) {
    assertThat(path.read(asked)).isEqualTo(Reading.EXACT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ws/socket.io/x",
        "/ws/socket.io//",
        "/ws/socket.io/;a=b",
        "/ws/socket.io;a=b/",
        "/ws;a/socket.io/",
        "/ws/socket%2Eio/",
        "/ws/%73ocket.io/",
        "/%77%73/socket.io",
        "/ws%2fsocket.io/",
        "/ws/socket.io%2F",
        "/ws/socket.io%2Fx",
        "/ws/socket%252Eio/",
        "/ws//socket.io/",
        "//ws/socket.io/",
        "/./ws/socket.io/",
        "/ws/./socket.io/",
        "/api/../ws/socket.io/",
        "/ws/x/%2e%2e/socket.io/",
        "/ws/socket.io/../../api/config",
        "/ws/socket.io/%2e%2e/x",
        "/ws\\socket.io/",
        "/ws/%5csocket.io/",
        "/WS/socket.io/",
        "/ws/SOCKET.io/",
        "/ws/socket.io/%0a",
        "/ws/socket.io/%00"
      })
  void otherSpellingsThatASocketServerMayTakeAreAmbiguous(String asked) {
    assertThat(path.read(asked)).isEqualTo(Reading.AMBIGUOUS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "",
        "*",
        "/ws",
        "/ws/",
        "/ws/socket.iox",
        "/ws/socket",
        "/socket.io/",
        "/api/ws/socket.io/",
        "/ws/other/socket.io/",
        "/c/50%",
        "/c/100%25",
        "/c/%zz",
        "/static/%2e%2e/x",
        "/%E4%BD%A0"
      })
  void otherPathsPass(String asked) {
    assertThat(path.read(asked)).isEqualTo(Reading.OTHER);
  }

  @Test
  void longPathsAreReadInOneGo() {
    String escapes = "/" + "%25".repeat(20_000) + "/..".repeat(5_000) + ";".repeat(5_000);
    assertThat(path.read(escapes)).isNotEqualTo(Reading.EXACT);
  }
}
