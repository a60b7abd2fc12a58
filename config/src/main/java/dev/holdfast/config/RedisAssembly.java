package dev.holdfast.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Builds the settings of Redis: a setting of its own counts more than the same in the URL. */
final class RedisAssembly {
  private final Reading reading;
  private final Values values;

  RedisAssembly(Reading reading, Values values) {
    this.reading = reading;
    this.values = values;
  }

  Settings.Redis redis() {
    int port = values.of(RedisKeys.SENTINEL_PORT);
    List<HostPort> sentinels =
        values.of(RedisKeys.SENTINEL_HOSTS).stream().map(it -> new HostPort(it, port)).toList();
    Optional<RedisUrl> url = url(!sentinels.isEmpty());
    url.ifPresent(it -> it.notices().forEach(reading::notice));
    Optional<RedisQuery.Files> files = url.map(it -> it.query().files());
    Optional<RedisQuery.Timeouts> timeouts = url.map(it -> it.query().timeouts());
    return new Settings.Redis(
        url,
        sentinels,
        values.of(RedisKeys.CLUSTER),
        values.of(RedisKeys.PREFIX),
        values.of(RedisKeys.USERNAME).or(() -> url.flatMap(RedisUrl::username)),
        values.of(RedisKeys.PASSWORD).or(() -> url.flatMap(RedisUrl::passwordOrNone)),
        values.of(RedisKeys.CA_FILE).or(() -> files.flatMap(RedisQuery.Files::ca)),
        values
            .of(RedisKeys.CERTIFICATE_FILE)
            .or(() -> files.flatMap(RedisQuery.Files::certificate)),
        values.of(RedisKeys.KEY_FILE).or(() -> files.flatMap(RedisQuery.Files::key)),
        duration(RedisKeys.CONNECT_TIMEOUT, timeouts.flatMap(RedisQuery.Timeouts::connect)),
        duration(RedisKeys.COMMAND_TIMEOUT, timeouts.flatMap(RedisQuery.Timeouts::command)),
        values.of(RedisKeys.REQUIRED),
        values.of(RedisKeys.REVOCATION_WINDOW));
  }

  private Optional<RedisUrl> url(boolean ofMaster) {
    Optional<RedisUrlText> text = values.of(RedisKeys.URL);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ofMaster ? text.get().master() : text.get().server());
    } catch (Rejected e) {
      values.problem(RedisKeys.URL, e.expected());
      return Optional.empty();
    }
  }

  private Duration duration(Key<Duration> key, Optional<Duration> ofUrl) {
    boolean given = reading.entries().containsKey(key.name());
    return given ? values.of(key) : ofUrl.orElseGet(() -> values.of(key));
  }

  void check(Settings.Redis redis) {
    values.require(
        redis.certificate().isEmpty() || redis.key().isPresent(),
        RedisKeys.CERTIFICATE_FILE,
        "needs redis.key-file as well");
    values.require(
        redis.key().isEmpty() || redis.certificate().isPresent(),
        RedisKeys.KEY_FILE,
        "needs redis.certificate-file as well");
    values.require(
        !redis.cluster() || redis.sentinels().isEmpty(),
        RedisKeys.CLUSTER,
        "excludes redis.sentinel-hosts");
    int database = redis.url().map(RedisUrl::database).orElse(0);
    values.require(database >= 0, RedisKeys.URL, "must not have a negative database");
    values.require(
        !redis.cluster() || database == 0,
        RedisKeys.URL,
        "must have the database 0, as a cluster has no other");
    values.require(
        redis.username().isEmpty() || redis.password().isPresent(),
        RedisKeys.USERNAME,
        "needs redis.password as well");
  }
}
