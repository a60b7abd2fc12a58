package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisSettingsTest {
  private static Configuration load(Map<String, String> environment) {
    return Configuration.load(List.of(), environment, Optional.empty());
  }

  private static Settings redis(String... keysAndValues) {
    Map<String, String> texts = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      texts.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return Settings.of(texts);
  }

  @Test
  void nodeIsAloneByDefault() {
    Settings settings = Settings.defaults();

    assertThat(settings.redis().url()).isEmpty();
    assertThat(settings.get(NodeKeys.ID)).isEmpty();
    assertThat(settings.get(NodeKeys.ADVERTISE)).isEmpty();
    assertThat(settings.get(NodeKeys.SECRET)).containsExactly(NodeKeys.KEPT_IN_REDIS);
  }

  @ParameterizedTest
  @CsvSource({
    "'sixteen letters a',                       'sixteen letters a'",
    "' sixteen letters a , sixteen letters b,', 'sixteen letters a|sixteen letters b'",
    "'redis,sixteen letters b',                 'redis|sixteen letters b'",
    "'sixteen letters b,redis',                 'sixteen letters b|redis'",
    "'',                                        'key of Open WebUI'",
  })
  void firstSecretSignsAndTheOthersAreBelieved(String text, String secrets) {
    Settings settings =
        Settings.of(Map.of("cluster.secret", text, "auth.secret-key", "key of Open WebUI"));

    assertThat(String.join("|", settings.get(NodeKeys.SECRET))).isEqualTo(secrets);
    assertThat(settings.toString()).doesNotContain("sixteen");
  }

  @Test
  void openWebUiNamesAreUnderstood() {
    Settings redis =
        load(Map.of(
                "WEBSOCKET_MANAGER", "redis",
                "REDIS_URL", "redis://other/7",
                "WEBSOCKET_REDIS_URL", "redis://mymaster:6379/1",
                "WEBSOCKET_SENTINEL_HOSTS", "s1,s2",
                "WEBSOCKET_SENTINEL_PORT", "26380",
                "WEBSOCKET_REDIS_CLUSTER", "False"))
            .settings();

    assertThat(redis.redis().url().map(RedisUrl::host)).contains("mymaster");
    assertThat(redis.redis().url().map(RedisUrl::database)).contains(1);
    assertThat(redis.redis().sentinels())
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

  /** What redis-py 8.0.1 makes of it, as e2e/redis shows against real servers. */
  @ParameterizedTest
  @CsvSource({
    "redis://h, redis://h:6379/0, ,",
    "redis://h:1/, redis://h:1/0, ,",
    "redis://h:0/1, redis://h:6379/1, ,",
    "redis://h:07, redis://h:7/0, ,",
    "rediss://:p%40+w@h/3, rediss://h:6379/3, , p@+w",
    "redis://u:p:@q@h_1.x:7, redis://h_1.x:7/0, u, p:@q",
    "redis://:50%@h, redis://h:6379/0, , 50%",
    "redis://u@[::1]:7, redis://[::1]:7/0, u, ''",
    "REDIS://Host, redis://host:6379/0, ,",
    "valkey://h:1, redis://h:1/0, ,",
    "valkeys://h, rediss://h:6379/0, ,",
    "redis://, redis://localhost:6379/0, ,",
    "redis:///2, redis://localhost:6379/2, ,",
    "redis://?host=h&port=7, redis://h:7/0, ,",
    "redis://g:8?host=h&port=7, redis://g:8/0, ,",
    "redis://h/5?db=2, redis://h:6379/2, ,",
    "redis://h/5?db=&db=3, redis://h:6379/3, ,",
    "redis://h/abc, redis://h:6379/0, ,",
    "redis://h/1/2, redis://h:6379/12, ,",
    "redis://h/%31#x, redis://h:6379/1, ,",
    "redis://h?username=a&username=b&password=p%2540, redis://h:6379/0, a, p@",
    "redis://u:p@h?username=a&password=b, redis://h:6379/0, u, p",
    "redis://h?max_connections=5&protocol=3&health_check_interval=30, redis://h:6379/0, ,",
  })
  void urlHasItsParts(String text, String address, String user, String word) {
    Settings redis = redis("redis.url", text);

    assertThat(redis.redis().url().orElseThrow()).hasToString(address);
    assertThat(redis.get(RedisKeys.USERNAME)).isEqualTo(Optional.ofNullable(user));
    assertThat(redis.get(RedisKeys.PASSWORD)).isEqualTo(Optional.ofNullable(word));
  }

  /** As files of variables leave it that have line ends of Windows, or that nobody unquotes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://h:7/1\r",
        "\"redis://h:7/1\"",
        "'redis://h:7/1'\r",
        "  redis://h:7/1 \r\n"
      })
  void quotesAndLineEndsAroundAUrlDoNotCount(String text) {
    Configuration configuration =
        load(Map.of("WEBSOCKET_MANAGER", "\"redis\"\r", "WEBSOCKET_REDIS_URL", text));

    assertThat(configuration.settings().redis().url().orElseThrow()).hasToString("redis://h:7/1");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:6379, must be redis:// or rediss://",
    "redis:h, must be redis:// or rediss://",
    "http://h, 'must be redis:// or rediss://[[user]:password@]host[:port][/database], valkey://'",
    "redis+sentinel://h:1/0/m, must be redis:// or rediss://",
    "unix:///run/redis, 'is a unix socket, which Holdfast does not use: let Redis listen on an address'",
    "redis://h:65536, the port must be 1 to 65535",
    "redis://h:x, the port must be 1 to 65535",
    "redis://u:p/@q@h:7, the port must be 1 to 65535; in a user or password write @ as %40",
    "redis://[127.0.0.1]:7, the brackets must hold an IPv6 address",
    "redis://h/-1, must not have a negative database",
    "redis://h?db=x, db must be a whole number",
    "redis://h?x=1, 'has the parameter x, which redis-py does not take from a URL'",
    "redis://h?timeout=1, 'has the parameter timeout, which redis-py does not take'",
    "redis://h?ssl_cert_reqs=none, 'has the parameter ssl_cert_reqs, which redis-py does not take without rediss://'",
    "redis://h?socket_timeout=x, socket_timeout must be a number of seconds",
    "redis://h?socket_timeout=0, socket_timeout must be more than 0 s",
    "redis://h?protocol=4, protocol must be 2 or 3",
    "redis://h?max_connections=-1, max_connections must not be negative",
    "redis://h?client_name=a%20b, client_name must hold no blanks",
    "rediss://h?ssl_cert_reqs=CERT_NONE, 'ssl_cert_reqs must be none, optional or required'",
    "rediss://h?ssl_ca_certs=/nowhere.pem, ssl_ca_certs: no such file",
    "rediss://h?ssl_include_verify_flags=NO, ssl_include_verify_flags must be flags",
    "rediss://h?ssl_certfile=pom.xml, needs redis.key-file as well",
  })
  void urlIsRefused(String text, String problem) {
    assertThatThrownBy(() -> redis("redis.url", text)).hasMessageContaining(problem);
  }

  /** Open WebUI reads it itself then, and by other rules. */
  @ParameterizedTest
  @CsvSource({
    "redis://My.Master, My.Master, 0, ,",
    "redis://:p%40@m:6379/2, m, 2, , p%40",
    "redis://u@m, m, 0, u, ''",
    "redis://, mymaster, 0, ,",
    "redis://m?db=99&unknown=1, m, 0, ,",
  })
  void urlOfAMasterIsTakenToTheLetter(
      String text, String master, int database, String user, String word) {
    Settings redis = redis("redis.url", text, "redis.sentinel-hosts", "s");

    assertThat(redis.redis().url().map(RedisUrl::host)).contains(master);
    assertThat(redis.redis().url().map(RedisUrl::database)).contains(database);
    assertThat(redis.get(RedisKeys.USERNAME)).isEqualTo(Optional.ofNullable(user));
    assertThat(redis.get(RedisKeys.PASSWORD)).isEqualTo(Optional.ofNullable(word));
  }

  @ParameterizedTest
  @CsvSource({"redis://m/abc, with Sentinel the path must be", "redis://m:x, the port must be"})
  void urlOfAMasterIsRefused(String text, String problem) {
    assertThatThrownBy(() -> redis("redis.url", text, "redis.sentinel-hosts", "s"))
        .hasMessageContaining(problem);
  }

  @Test
  void queryOfTheUrlSetsWhatHasNoSettingOfItsOwn() {
    String url = "rediss://h?ssl_ca_certs=pom.xml&socket_timeout=5&socket_connect_timeout=1e3";
    Settings redis = redis("redis.url", url);

    assertThat(redis.get(RedisKeys.CA_FILE)).contains(Path.of("pom.xml"));
    assertThat(redis.get(RedisKeys.COMMAND_TIMEOUT)).isEqualTo(Duration.ofSeconds(5));
    assertThat(redis.get(RedisKeys.CONNECT_TIMEOUT)).isEqualTo(Duration.ofMinutes(1));
    assertThat(
            redis("redis.url", url, "redis.command-timeout", "3s").get(RedisKeys.COMMAND_TIMEOUT))
        .isEqualTo(Duration.ofSeconds(3));
    assertThat(redis.redis().url().orElseThrow().namesServer()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "redis://h?max_connections=5&protocol=3, , no effect here have max_connections, true, true",
    "rediss://h?ssl_ciphers=HIGH, , no effect here have ssl_ciphers, true, true",
    "rediss://h?ssl_cert_reqs=none, , anybody on the way can pose as Redis, false, false",
    "rediss://h?ssl_check_hostname=No, , ssl_check_hostname=false, true, false",
    "redis://m?db=1, s, its query is not used, true, true",
    "redis://:%40@m, s, '% in its user and password stands for itself', true, true",
    "rediss://m, s, the Sentinels are asked without it, true, true",
  })
  void whatIsPassedOverIsSaid(
      String url, String sentinels, String notice, boolean verifies, boolean names) {
    Map<String, String> variables = new HashMap<>(Map.of("HOLDFAST_REDIS_URL", url));
    if (sentinels != null) {
      variables.put("HOLDFAST_REDIS_SENTINEL_HOSTS", sentinels);
    }
    Configuration configuration = load(variables);

    assertThat(configuration.notices()).singleElement().asString().contains(notice);
    RedisUrl read = configuration.settings().redis().url().orElseThrow();
    assertThat(read.verifiesServer()).isEqualTo(verifies);
    assertThat(read.namesServer()).isEqualTo(names);
  }

  @ParameterizedTest
  @CsvSource({
    "WEBSOCKET_REDIS_CLUSTER, TRUE, true",
    "WEBSOCKET_REDIS_CLUSTER, 1, false",
    "REDIS_CLUSTER, 'True\r', true",
  })
  void oneWordMeansACluster(String name, String text, boolean cluster) {
    Map<String, String> variables =
        Map.of("WEBSOCKET_MANAGER", "redis", "WEBSOCKET_REDIS_URL", "redis://h", name, text);

    assertThat(load(variables).settings().get(RedisKeys.CLUSTER)).isEqualTo(cluster);
  }

  @Test
  void openWebUiAsksSentinelsRatherThanACluster() {
    Settings redis =
        load(Map.of(
                "WEBSOCKET_MANAGER", "redis",
                "WEBSOCKET_REDIS_URL", "redis://m",
                "WEBSOCKET_SENTINEL_HOSTS", "'s1, s2'",
                "WEBSOCKET_SENTINEL_PORT", "\"26380\"\r",
                "WEBSOCKET_REDIS_CLUSTER", "true"))
            .settings();

    assertThat(redis.get(RedisKeys.CLUSTER)).isFalse();
    assertThat(redis.redis().sentinels())
        .containsExactly(new HostPort("s1", 26380), new HostPort("s2", 26380));
  }

  @Test
  void sentinelsOfItsOtherConnectionsDoNotCount() {
    Configuration configuration =
        load(
            Map.of(
                "WEBSOCKET_MANAGER", "redis",
                "REDIS_URL", "redis://m",
                "REDIS_SENTINEL_HOSTS", "s1"));

    assertThat(configuration.settings().redis().sentinels()).isEmpty();
    assertThat(configuration.notices())
        .singleElement()
        .asString()
        .startsWith("REDIS_SENTINEL_HOSTS without WEBSOCKET_SENTINEL_HOSTS");
  }

  @ParameterizedTest
  @CsvSource({
    "redis://u:hidden@h:1/2?protocol=3, redis://********@h:1/2?protocol=3",
    "redis://h?password=hidden, redis://h?********",
    "redis://h?p%61ssword=hidden, redis://h?********",
    "'\"redis://:hidden@h\"', redis://********@h",
    "redis://:hid/den@h, ********",
  })
  void urlIsShownWithoutSecrets(String text, String shown) {
    assertThat(RedisUrlText.shown(text)).isEqualTo(shown);
  }

  @Test
  void passwordOfItsOwnWinsOverThatOfTheUrl() {
    Settings redis = redis("redis.url", "redis://u:old@h", "redis.password", "new");

    assertThat(redis.get(RedisKeys.USERNAME)).contains("u");
    assertThat(redis.get(RedisKeys.PASSWORD)).contains("new");
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

    assertThat(configuration.settings().get(RedisKeys.PASSWORD)).contains("hidden");
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
    "cluster.secret, 'sixteen letters a,short', 'each must have at least 16 characters, or be redis'",
    "cluster.secret, 'sixteen letters a, ********', 'is what is shown in place of a secret; give the secret itself'",
    "cluster.secret, short, 'each must have at least 16 characters, or be redis'",
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
