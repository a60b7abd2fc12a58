package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentTest {
  @Test
  void everySettingHasItsVariable() {
    Settings settings =
        load(
            Map.of(
                "HOLDFAST_UPSTREAMS", "http://a:1,http://b:2",
                "HOLDFAST_ADMIN_LISTEN", "off",
                "HOLDFAST_SOCKETIO_CONNECT_TIMEOUT", "1s",
                "HOLDFAST_LIMITS_CONNECTIONS_PER_ADDRESS", "7"));

    assertThat(settings.get(UpstreamKeys.UPSTREAMS))
        .containsExactly(URI.create("http://a:1"), URI.create("http://b:2"));
    assertThat(settings.get(EdgeKeys.ADMIN_LISTEN)).isEmpty();
    assertThat(settings.get(EdgeKeys.CONNECT_TIMEOUT)).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.get(LimitKeys.CONNECTIONS_PER_ADDRESS)).contains(7);
  }

  @Test
  void openWebUiNamesAreUnderstood() {
    Settings settings =
        load(
            Map.of(
                "CORS_ALLOW_ORIGIN", "https://a.org;https://b.org",
                "WEBSOCKET_SERVER_PING_INTERVAL", "30",
                "WEBSOCKET_SERVER_PING_TIMEOUT", "15",
                "WEBUI_SECRET_KEY", "key",
                "WEBUI_JWT_SECRET_KEY", "older",
                "WEBUI_AUTH_TRUSTED_EMAIL_HEADER", "X-Email",
                "WEBUI_AUTH_TRUSTED_ROLE_HEADER", "X-Role",
                "ENABLE_WEBSOCKET_SUPPORT", "True"));

    assertThat(settings.get(EdgeKeys.ORIGINS)).containsExactly("https://a.org", "https://b.org");
    assertThat(settings.get(EdgeKeys.PING_INTERVAL)).contains(Duration.ofSeconds(30));
    assertThat(settings.get(EdgeKeys.PING_TIMEOUT)).contains(Duration.ofSeconds(15));
    assertThat(settings.get(ProxyKeys.SECRET_KEY)).contains("key");
    assertThat(settings.get(ProxyKeys.TRUSTED_HEADERS)).containsExactly("X-Email", "X-Role");
  }

  @Test
  void ownNameWinsOverOpenWebUis() {
    Settings settings =
        load(
            Map.of(
                "WEBSOCKET_SERVER_PING_INTERVAL", "30",
                "HOLDFAST_SOCKETIO_PING_INTERVAL", "10s",
                "WEBUI_SECRET_KEY", "theirs",
                "HOLDFAST_AUTH_SECRET_KEY", "ours"));

    assertThat(settings.get(EdgeKeys.PING_INTERVAL)).contains(Duration.ofSeconds(10));
    assertThat(settings.get(ProxyKeys.SECRET_KEY)).contains("ours");
  }

  @Test
  void openWebUiSecondsMustBeWhole() {
    assertThatThrownBy(() -> load(Map.of("WEBSOCKET_SERVER_PING_INTERVAL", "25s")))
        .hasMessage(
            "socketio.ping-interval = 25s (environment WEBSOCKET_SERVER_PING_INTERVAL):"
                + " must be whole seconds, such as 25");
  }

  @Test
  void originThatOpenWebUiWouldNotRecogniseIsNoticed() {
    Configuration configuration =
        Configuration.load(
            List.of(),
            Map.of("CORS_ALLOW_ORIGIN", "https://a.org/;https://b.org;capacitor://localhost;*"),
            Optional.empty());

    assertThat(configuration.settings().get(EdgeKeys.ORIGINS))
        .containsExactly("https://a.org", "https://b.org", "capacitor://localhost", "*");
    assertThat(configuration.notices())
        .containsExactly(
            "CORS_ALLOW_ORIGIN=https://a.org/: Open WebUI with the same value refuses pages of"
                + " https://a.org, write it so");
  }

  @Test
  void websocketsTurnedOffAreNoticed() {
    Configuration configuration =
        Configuration.load(
            List.of(), Map.of("ENABLE_WEBSOCKET_SUPPORT", "False"), Optional.empty());

    assertThat(configuration.notices())
        .singleElement()
        .asString()
        .startsWith("ENABLE_WEBSOCKET_SUPPORT=False: an Open WebUI that is run so refuses");
  }

  @ParameterizedTest
  @CsvSource({"HOLDFAST_AUTH_SECRET_KEY_FILE", "WEBUI_SECRET_KEY_FILE"})
  void secretIsReadFromFile(String variable, @TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("secret"), "from file\n");

    assertThat(load(Map.of(variable, file.toString())).get(ProxyKeys.SECRET_KEY))
        .contains("from file");
  }

  @Test
  void secretFileMustBeReadable() {
    assertThatThrownBy(() -> load(Map.of("HOLDFAST_AUTH_SECRET_KEY_FILE", "/no/such")))
        .hasMessage(
            "auth.secret-key = /no/such (environment HOLDFAST_AUTH_SECRET_KEY_FILE):"
                + " the file cannot be read");
  }

  @Test
  void adminTokenThatIsNotThereYetIsMadeInItsFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("token");
    Map<String, String> environment = Map.of("HOLDFAST_ADMIN_TOKEN_FILE", file.toString());

    assertThat(load(environment).get(EdgeKeys.ADMIN_TOKEN)).isEmpty();
    assertThat(load(environment).get(EdgeKeys.ADMIN_TOKEN_FILE)).containsExactly(file);
    Files.writeString(file, "0123456789abcdef\n");
    assertThat(load(environment).get(EdgeKeys.ADMIN_TOKEN)).contains("0123456789abcdef");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "-    | -    | /run/holdfast/admin-token",
        "/r   | -    | /r/admin-token /run/holdfast/admin-token",
        "/r:/s | /x  | /r/admin-token /x/holdfast/admin-token /run/holdfast/admin-token",
        "-    | /x   | /x/holdfast/admin-token /run/holdfast/admin-token",
        "r    | x/y  | /run/holdfast/admin-token",
        "/run/holdfast | - | /run/holdfast/admin-token"
      })
  void adminTokenIsKeptWhereItEndsWithTheMachine(
      @Nullable String service, @Nullable String session, String files) {
    Map<String, String> environment = new HashMap<>();
    if (service != null) {
      environment.put("RUNTIME_DIRECTORY", service);
    }
    if (session != null) {
      environment.put("XDG_RUNTIME_DIR", session);
    }

    assertThat(load(environment).get(EdgeKeys.ADMIN_TOKEN_FILE))
        .extracting(Path::toString)
        .containsExactly(files.split(" ", -1));
  }

  @Test
  void secretAndItsFileExcludeEachOther() {
    assertThatThrownBy(
            () ->
                load(
                    Map.of(
                        "HOLDFAST_AUTH_SECRET_KEY", "s3cret",
                        "HOLDFAST_AUTH_SECRET_KEY_FILE", "/no/such")))
        .hasMessage(
            "auth.secret-key (environment HOLDFAST_AUTH_SECRET_KEY):"
                + " give either this or HOLDFAST_AUTH_SECRET_KEY_FILE");
  }

  @ParameterizedTest
  @CsvSource({
    "HOLDFAST_LISTENS, no such setting; did you mean HOLDFAST_LISTEN?",
    "HOLDFAST_PORT, no such setting",
    "HOLDFAST_TLS_KEY_FILE, no such setting"
  })
  void unknownVariableIsRefused(String name, String problem) {
    assertThatThrownBy(() -> load(Map.of(name, "8000")))
        .hasMessage(name + " (environment): " + problem);
  }

  @ParameterizedTest
  @CsvSource({
    "HOLDFAST_PORT, tcp://10.0.0.1:8000",
    "HOLDFAST_SERVICE_HOST, 10.0.0.1",
    "HOLDFAST_SERVICE_PORT, 8000",
    "HOLDFAST_SERVICE_PORT_HTTP, 8000",
    "HOLDFAST_PORT_8000_TCP, tcp://10.0.0.1:8000",
    "HOLDFAST_PORT_8000_TCP_PROTO, tcp",
    "HOLDFAST_PORT_8000_TCP_PORT, 8000",
    "HOLDFAST_PORT_8000_TCP_ADDR, 10.0.0.1",
    "HOLDFAST_ADMIN_SERVICE_HOST, 10.0.0.1",
    "HOLDFAST_ADMIN_PORT, tcp://10.0.0.1:9000"
  })
  void variablesOfKubernetesAreIgnored(String name, String text) {
    assertThat(load(Map.of(name, text))).usingRecursiveComparison().isEqualTo(Settings.defaults());
  }

  @Test
  void emptyVariableCountsAsNone() {
    assertThat(load(Map.of("HOLDFAST_LISTEN", "", "CORS_ALLOW_ORIGIN", "")))
        .usingRecursiveComparison()
        .isEqualTo(Settings.defaults());
  }

  private static Settings load(Map<String, String> environment) {
    return Configuration.load(List.of(), environment, Optional.empty()).settings();
  }
}
