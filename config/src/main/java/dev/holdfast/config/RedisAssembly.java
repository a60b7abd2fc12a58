package dev.holdfast.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Joins the settings of Redis: one of its own counts more than the same in the URL. */
final class RedisAssembly {
  private RedisAssembly() {}

  private static Optional<RedisUrl> url(RedisUrlText text, boolean ofMaster, Reading reading) {
    try {
      return Optional.of(ofMaster ? text.master() : text.server());
    } catch (Rejected e) {
      reading.problem(RedisKeys.URL, e.expected());
      return Optional.empty();
    }
  }

  /** The settings, with where Redis is and what the URL says besides. */
  static Settings join(Settings given, Reading reading) {
    int port = given.get(RedisKeys.SENTINEL_PORT);
    List<HostPort> sentinels =
        given.get(RedisKeys.SENTINEL_HOSTS).stream().map(it -> new HostPort(it, port)).toList();
    Optional<RedisUrl> present =
        given.get(RedisKeys.URL).flatMap(it -> url(it, !sentinels.isEmpty(), reading));
    Settings addressed = given.with(new Settings.Redis(present, sentinels));
    if (present.isEmpty()) {
      return addressed;
    }
    RedisUrl url = present.get();
    url.notices().forEach(reading::notice);
    RedisQuery.Files files = url.query().files();
    Settings joined = filled(addressed, RedisKeys.USERNAME, url.username());
    joined = filled(joined, RedisKeys.PASSWORD, url.passwordOrNone());
    joined = filled(joined, RedisKeys.CA_FILE, files.ca());
    joined = filled(joined, RedisKeys.CERTIFICATE_FILE, files.certificate());
    joined = filled(joined, RedisKeys.KEY_FILE, files.key());
    RedisQuery.Timeouts timeouts = url.query().timeouts();
    joined = timed(joined, RedisKeys.CONNECT_TIMEOUT, timeouts.connect(), reading);
    return timed(joined, RedisKeys.COMMAND_TIMEOUT, timeouts.command(), reading);
  }

  private static <T> Settings filled(Settings given, Key<Optional<T>> key, Optional<T> ofUrl) {
    return given.with(key, given.get(key).or(() -> ofUrl));
  }

  private static Settings timed(
      Settings given, Key<Duration> key, Optional<Duration> ofUrl, Reading reading) {
    return ofUrl.isEmpty() || reading.isGiven(key) ? given : given.with(key, ofUrl.get());
  }

  static void check(Settings settings, Reading reading) {
    boolean cluster = settings.get(RedisKeys.CLUSTER);
    boolean certificate = settings.get(RedisKeys.CERTIFICATE_FILE).isPresent();
    boolean key = settings.get(RedisKeys.KEY_FILE).isPresent();
    reading.require(
        !certificate || key, RedisKeys.CERTIFICATE_FILE, "needs redis.key-file as well");
    reading.require(
        !key || certificate, RedisKeys.KEY_FILE, "needs redis.certificate-file as well");
    reading.require(
        !cluster || settings.redis().sentinels().isEmpty(),
        RedisKeys.CLUSTER,
        "excludes redis.sentinel-hosts");
    int database = settings.redis().url().map(RedisUrl::database).orElse(0);
    reading.require(database >= 0, RedisKeys.URL, "must not have a negative database");
    reading.require(
        !cluster || database == 0,
        RedisKeys.URL,
        "must have the database 0, as a cluster has no other");
    reading.require(
        settings.get(RedisKeys.USERNAME).isEmpty() || settings.get(RedisKeys.PASSWORD).isPresent(),
        RedisKeys.USERNAME,
        "needs redis.password as well");
  }
}
