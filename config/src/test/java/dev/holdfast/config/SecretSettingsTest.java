package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever way a secret comes in, it does not go out. */
class SecretSettingsTest {
  private static final String SECRET = "s3cret-s3cret-s3cret";

  @TempDir private Path directory;

  static Stream<Key<?>> secrets() {
    return Keys.all().stream().filter(Key::secret);
  }

  private static String secretOf(Key<?> key) {
    return key.name().equals("redis.url") ? "redis://u:" + SECRET + "@h:1/2" : SECRET;
  }

  @Test
  void allThatAreSecretsAreKnown() {
    assertThat(secrets().map(Key::name))
        .containsExactlyInAnyOrder(
            "admin.token", "auth.secret-key", "cluster.secret", "redis.password", "redis.url");
  }

  @Test
  void whatIsNamedLikeASecretIsOne() {
    assertThat(Keys.all())
        .filteredOn(key -> key.name().matches(".*[.-](secret|secret-key|password|token|url)"))
        .isNotEmpty()
        .allMatch(Key::secret);
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void valuesAreMasked(Key<?> key) throws IOException {
    String text = secretOf(key);
    Path secret = Files.writeString(directory.resolve("secret"), text + "\n");
    Path file = Files.writeString(directory.resolve("settings"), key.name() + ": '" + text + "'");

    Stream.of(
            load(List.of(), Map.of(key.variable(), text)),
            load(List.of(), Map.of(key.variable() + "_FILE", secret.toString())),
            load(List.of(), Map.of("HOLDFAST_CONFIG", file.toString())),
            load(List.of(new Flag("--set", key.name(), text)), Map.of()))
        .forEach(
            configuration -> {
              assertThat(configuration.toString()).doesNotContain(SECRET);
              assertThat(configuration.values())
                  .filteredOn(Configuration.Effective::masked)
                  .extracting(Configuration.Effective::key)
                  .containsExactly(key.name());
            });
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void problemsDoNotNameThem(Key<?> key) {
    List<String> wrong = List.of(SECRET + "@", "redis:/:" + SECRET, SECRET.substring(0, 15));
    for (String text : wrong) {
      try {
        Configuration loaded = load(List.of(), Map.of(key.variable(), text));
        assertThat(loaded.toString()).doesNotContain(text);
      } catch (ConfigException e) {
        assertThat(e.getMessage()).doesNotContain(text);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void maskIsNoSecret(Key<?> key) {
    String shown = key.shown(secretOf(key));

    assertThatThrownBy(() -> load(List.of(), Map.of(key.variable(), shown)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key.name())
        .hasMessageContaining("in place of");
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void flagIsWarnedOf(Key<?> key) {
    var configuration = load(List.of(new Flag("--set", key.name(), secretOf(key))), Map.of());

    assertThat(configuration.notices())
        .anySatisfy(notice -> assertThat(notice).contains(key.name(), key.variable() + "_FILE"))
        .noneSatisfy(notice -> assertThat(notice).contains(SECRET));
  }

  private static Configuration load(List<Flag> flags, Map<String, String> environment) {
    return Configuration.load(flags, environment, Optional.empty());
  }
}
