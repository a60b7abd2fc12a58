package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void defaultsAreThoseThatAreDocumented() {
    Settings settings = Settings.defaults();

    assertThat(settings.listen()).hasToString("0.0.0.0:8000");
    assertThat(settings.upstreams()).containsExactly(URI.create("http://localhost:8080"));
    assertThat(settings.admin().listen()).contains(new HostPort("127.0.0.1", 9000));
    assertThat(settings.socketio().path()).isEqualTo("/ws/socket.io/");
    assertThat(settings.socketio().connectTimeout()).isEqualTo(Duration.ofSeconds(45));
    assertThat(settings.limits().messageBytes()).isEmpty();
    assertThat(settings.limits().waitingBytes()).isEqualTo(256 * 1024);
    assertThat(settings.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.ioThreads()).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void givenTextsReplaceDefaults() {
    Settings settings =
        Settings.of(Map.of("listen", "127.0.0.1:0", "admin.listen", "off", "threads.io", "3"));

    assertThat(settings.listen()).isEqualTo(new HostPort("127.0.0.1", 0));
    assertThat(settings.admin().listen()).isEmpty();
    assertThat(settings.ioThreads()).isEqualTo(3);
  }

  @Test
  void unknownKeyIsRefused() {
    assertThatThrownBy(() -> Settings.of(Map.of("lisen", "x")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("lisen (given): no such setting");
  }
}
