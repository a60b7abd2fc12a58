package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsFileTest {
  @TempDir private Path directory;

  @Test
  void keysAreNestedOrDotted() throws IOException {
    Settings settings =
        load(
            """
            listen: 127.0.0.1:8001
            admin.listen: off
            upstreams:
              - http://a:1
              - http://b:2
            socketio:
              origins: [https://a.org]
            logging:
              access: true
              format: json
            limits:
            proxy:
              queue: 5
              trusted-proxies: 10.0.0.0/8,::1
            """);

    assertThat(settings)
        .usingRecursiveComparison()
        .isEqualTo(
            Settings.of(
                Map.of(
                    "listen", "127.0.0.1:8001",
                    "admin.listen", "off",
                    "upstreams", "http://a:1,http://b:2",
                    "socketio.origins", "https://a.org",
                    "logging.access", "true",
                    "logging.format", "json",
                    "proxy.queue", "5",
                    "proxy.trusted-proxies", "10.0.0.0/8,::1")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "---", "# nothing", "{}", "limits:"})
  void fileMayHoldNothing(String yaml) throws IOException {
    assertThat(load(yaml)).usingRecursiveComparison().isEqualTo(Settings.defaults());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: a:1\\nlisten: a:2|listen (F line 2): stands more than once",
        "limits: {header: 1KiB}\\nlimits: {header: 1KiB}|limits (F line 2): stands more than once",
        "limits: {header: 1KiB}\\nlimits.header: 1KiB|limits.header (F line 2): stands more than once",
        "lisen: a:1|lisen (F line 1): no such setting; did you mean listen?",
        "wholly: {other: [1]}|wholly (F line 1): no such setting",
        "limits: 5|limits (F line 1): must hold keys and values",
        "limits: [header]|limits (F line 1): must hold keys and values",
        "listen:|listen (F line 1): has no value",
        "listen: [a]|listen (F line 1): must be `host:port`",
        "listen: {a: b}|listen (F line 1): must be `host:port`",
        "upstreams: [{a: b}, [c], http://a:1]|upstreams (F line 1): items must be texts",
        "proxy: {queue: &q 1, connections: *q}|proxy.connections (F line 1): must be a text, not an alias",
        "socketio: {origins: [&o https://a.org, *o]}|socketio.origins (F line 1): items must be texts",
        "[1]|F (F line 1): must hold keys and values",
        "listen: a:1\\n---\\nlisten: a:2|F (F line 3): must hold one document",
        "listen: [|listen (F line 1): must be `host:port`",
        "listen: a:1\\n\\tb: c|F (line 2): is not YAML: found character '\\t(TAB)' that cannot start any token"
      })
  void fileOfAnotherFormIsRefused(String yaml, String problem) {
    String file = directory.resolve("holdfast.yaml").toString();

    assertThatThrownBy(() -> load(yaml.replace("\\n", "\n").replace("\\t", "\t")))
        .isInstanceOf(ConfigException.class)
        .message()
        .startsWith(problem.replace("F", file));
  }

  @Test
  void fileMustBeReadableText() throws IOException {
    Path latin = directory.resolve("latin.yaml");
    Files.write(latin, "listen: \u00e4".getBytes(StandardCharsets.ISO_8859_1));

    refused(latin, "is not UTF-8 text");
    refused(directory.resolve("none.yaml"), "no such file");
    refused(directory, "cannot be read");
  }

  private static void refused(Path file, String problem) {
    assertThatThrownBy(() -> Configuration.load(List.of(), Map.of(), Optional.of(file)))
        .hasMessage(file + " (settings file): " + problem);
  }

  private Settings load(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("holdfast.yaml"), yaml);
    return Configuration.load(List.of(), Map.of(), Optional.of(file)).settings();
  }
}
