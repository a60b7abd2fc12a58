package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.demo.StandIn;
import dev.holdfast.config.Key;
import dev.holdfast.config.Settings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No command prints a setting that is or holds a secret. */
class SecretsTest {
  private static final String SECRET = "s3cret-s3cret-s3cret";

  static Stream<Key<?>> secrets() {
    return Settings.keys().stream().filter(Key::secret);
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void commandsDoNotShowThem(Key<?> key) throws IOException {
    String text =
        key.name().equals("redis.url") ? "redis://u:" + SECRET + "@127.0.0.1:1/2" : SECRET;
    try (StandIn upstream = StandIn.start()) {
      String url = ServeCommand.url("http", upstream.address());
      List<String[]> commands =
          List.of(
              new String[] {"config"},
              new String[] {"config", "--yaml"},
              new String[] {"check", "--upstream", url},
              new String[] {"check", "--upstream", url, "--json"},
              new String[] {"health", "--admin", "127.0.0.1:1"});
      for (String[] command : commands) {
        Ran ran = Ran.in(Map.of(key.variable(), text), command);

        assertThat(ran.out() + ran.err()).isNotEmpty().doesNotContain(SECRET);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void errorsDoNotShowThem(Key<?> key) {
    String text =
        key.name().equals("redis.url") ? "redis://u:" + SECRET + "@127.0.0.1:x/2" : SECRET;

    Ran ran = Ran.command("config", "--set", key.name() + "=" + text, "--set", "listen=no");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("listen = no").doesNotContain(SECRET);
  }
}
