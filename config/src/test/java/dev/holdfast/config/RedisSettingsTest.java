package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisSettingsTest {
  private static Configuration load(Map<String, String> environment) {
    return Configuration.load(List.of(), environment, Optional.empty());
  }

  private static Settings.Redis redis(String... keysAndValues) {
    Map<String, String> texts = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      texts.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return Settings.of(texts).redis();
  }

  @Test
  void nodeIsAloneByDefault() {
    Settings settings = Settings.defaults();

    assertThat(settings.redis().url()).isEmpty();
    assertThat(settings.node().id()).isEmpty();
    assertThat(settings.node().advertise()).isEmpty();
    assertThat(settings.node().secret()).isEmpty();
  }

  @Test
  void openWebUiNamesAreUnderstood() {
    Settings.Redis redis =
        load(Map.of(
                "WEBSOCKET_MANAGER", "redis",
                "REDIS_URL", "redis://other/7",
                "WEBSOCKET_REDIS_URL", "redis://mymaster:6379/1",
                "WEBSOCKET_SENTINEL_HOSTS", "s1,s2",
                "WEBSOCKET_SENTINEL_PORT", "26380",
                "WEBSOCKET_REDIS_CLUSTER", "False"))
            .settings()
            .redis();

    assertThat(redis.url().map(RedisUrl::host)).contains("mymaster");
    assertThat(redis.url().map(RedisUrl::database)).contains(1);
    assertThat(redis.sentinels())
        .containsExactly(new HostPort("s1", 26380), new HostPort("s2", 26380));
  }

  @Test
  void openWebUiNamesDoNotCountWithoutItsManager() {
    Configuration configuration = load(Map.of("WEBSOCKET_REDIS_URL", "redis://redis"));

    assertThat(configuration.settings().redis().url()).isEmpty();
  }

  @Test
  void managerWithoutUrlIsNoticed() {
    Configuration configuration = load(Map.of("WEBSOCKET_MANAGER", "redis"));
    Configuration own =
        load(Map.of("WEBSOCKET_MANAGER", "redis", "HOLDFAST_REDIS_URL", "redis://r"));

    assertThat(configuration.notices()).singleElement().asString().contains("works alone");
    assertThat(own.notices()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "redis://h, redis://h:6379/0, ,",
    "redis://h:1/, redis://h:1/0, ,",
    "rediss://:p%40+w@h/3, rediss://h:6379/3, , p@+w",
    "redis://u:p:/@q@h_1.x:7, redis://h_1.x:7/0, u, p:/@q",
    "redis://u@[::1]:7, redis://[::1]:7/0, u,",
  })
  void urlHasItsParts(String text, String address, String user, String word) throws Rejected {
    RedisUrl url = RedisUrl.kind().parse(text);

    assertThat(url).hasToString(address);
    assertThat(url.username()).isEqualTo(Optional.ofNullable(user));
    assertThat(url.password()).isEqualTo(Optional.ofNullable(word));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:6379, must be redis:// or rediss://",
    "redis://h?x=1, without a query",
    "unix:///run/redis, must be redis:// or rediss://",
    "redis://h:0, the port must be 1 to 65535",
    "redis://h:65536, the port must be 1 to 65535",
    "redis://:50%@h, % must be written as %25",
  })
  void urlIsRefused(String text, String problem) {
    assertThatThrownBy(() -> redis("redis.url", text)).hasMessageContaining(problem);
  }

  @Test
  void passwordOfItsOwnWinsOverThatOfTheUrl() {
    Settings.Redis redis = redis("redis.url", "redis://u:old@h", "redis.password", "new");

    assertThat(redis.username()).contains("u");
    assertThat(redis.password()).contains("new");
  }

  @Test
  void passwordsAreNotShown(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("url"), "redis://u:hidden@h:1/2\n");
    Configuration configuration =
        load(
            Map.of(
                "HOLDFAST_REDIS_URL_FILE", file.toString(),
                "HOLDFAST_REDIS_PASSWORD", "hidden",
                "HOLDFAST_CLUSTER_SECRET", "hidden-hidden-hidden"));

    assertThat(configuration.settings().redis().password()).contains("hidden");
    assertThat(configuration.toString()).doesNotContain("hidden");
    assertThat(configuration.values())
        .filteredOn(value -> value.key().equals("redis.url"))
        .extracting(Configuration.Effective::text)
        .containsExactly("redis://********@h:1/2");
  }

  @Test
  void wrongUrlIsReportedWithoutItsPassword() {
    assertThatThrownBy(() -> redis("redis.url", "rdis://u:hidden@h:1/2"))
        .hasMessageStartingWith("redis.url = ******** (given): must be redis://")
        .hasMessageNotContaining("hidden");
  }

  @ParameterizedTest
  @CsvSource({
    "redis.certificate-file, pom.xml, needs redis.key-file as well",
    "redis.key-file, pom.xml, needs redis.certificate-file as well",
    "redis.prefix, a b, 'must be letters, digits, _, . and -, 1 to 64'",
    "redis.sentinel-hosts, a b, must be host names or addresses",
    "redis.username, me, needs redis.password as well",
    "node.id, A, 'must be small letters, digits and -, 1 to 32'",
    "node.advertise, 0.0.0.0:8000, must be an address that others can connect to",
    "node.advertise, h:0, must be an address that others can connect to",
    "node.beat, 1ms, must be 100ms to 1m",
    "cluster.secret, short, must have at least 16 characters",
  })
  void settingIsRefused(String key, String text, String problem) {
    assertThatThrownBy(() -> redis(key, text)).hasMessageEndingWith(problem);
  }

  @Test
  void clusterHasOneDatabaseAndNoSentinels() {
    assertThatThrownBy(
            () ->
                redis(
                    "redis.url", "redis://h/1",
                    "redis.cluster", "true",
                    "redis.sentinel-hosts", "s"))
        .hasMessageContaining("redis.cluster = true (given): excludes redis.sentinel-hosts")
        .hasMessageContaining("must have the database 0");
  }
}
