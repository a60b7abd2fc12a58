package dev.holdfast.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Redis or Valkey, through which nodes find each other. */
final class RedisKeys {
  static final Key<Optional<RedisUrlText>> URL =
      new Key<>(
          "redis.url",
          RedisUrlText.kind().or("none"),
          "none",
          "Redis or Valkey, through which several nodes work together; without it this node is alone."
              + " `valkey://` is the same. With Sentinel its host is the name of the master, and its"
              + " user and password are for the Sentinels, too. Read as by redis-py"
              + " ([parameters](operations.md#the-url-of-redis)).");

  static final Key<List<String>> SENTINEL_HOSTS =
      new Key<>(
          "redis.sentinel-hosts",
          Addresses.host().list(","),
          "",
          "The Sentinels that know the master.");

  static final Key<Integer> SENTINEL_PORT =
      new Key<>("redis.sentinel-port", Kinds.count(1, 65_535), "26379", "Their port.");

  static final Key<Boolean> CLUSTER =
      new Key<>(
          "redis.cluster",
          Kinds.flag(),
          "false",
          "Whether the URL names a node of a Redis Cluster, which has the database 0 only.");

  static final Key<String> PREFIX =
      new Key<>(
          "redis.prefix",
          Kinds.matching("[A-Za-z0-9_.-]{1,64}", "letters, digits, `_`, `.` and `-`, 1 to 64"),
          "holdfast",
          "What all keys and channels begin with; another one for each group of nodes in one Redis.");

  static final Key<Optional<String>> USERNAME =
      new Key<>(
          "redis.username",
          Kinds.text(),
          "",
          "The ACL user of Redis; counts more than that of the URL.");

  static final Key<Optional<String>> PASSWORD =
      new Key<>(
          "redis.password",
          Kinds.secret(),
          "",
          "The password of Redis; counts more than that of the URL.");

  static final Key<Optional<Path>> CA_FILE =
      new Key<>(
          "redis.ca-file",
          Kinds.file().or("none"),
          "none",
          "PEM certificates to trust for `rediss://` instead of the JDK's.");

  static final Key<Optional<Path>> CERTIFICATE_FILE =
      new Key<>(
          "redis.certificate-file",
          Kinds.file().or("none"),
          "none",
          "PEM certificate that this node shows to Redis, if it asks for one.");

  static final Key<Optional<Path>> KEY_FILE =
      new Key<>(
          "redis.key-file",
          Kinds.file().or("none"),
          "none",
          "Its private key, PEM, without a password.");

  static final Key<Duration> CONNECT_TIMEOUT =
      new Key<>(
          "redis.connect-timeout",
          Kinds.duration("10ms", "1m"),
          "2s",
          "How long a connection to Redis may take.");

  static final Key<Duration> COMMAND_TIMEOUT =
      new Key<>(
          "redis.command-timeout",
          Kinds.duration("10ms", "1m"),
          "2s",
          "How long Redis may take to answer before it counts as away.");

  static final Key<Boolean> REQUIRED =
      new Key<>(
          "redis.required",
          Kinds.flag(),
          "false",
          "Whether a node without Redis gets no new traffic (`/readyz` fails); sessions go on either way.");

  static final Key<Duration> REVOCATION_WINDOW =
      new Key<>(
          "redis.revocation-window",
          Kinds.duration("1m", "30d"),
          "1d",
          "How long Redis keeps which tokens and users were revoked, for nodes that are away from it"
              + " meanwhile; not longer than the longest outage that it has to cover.");

  private RedisKeys() {}

  static List<Key<?>> all() {
    return List.of(
        URL,
        SENTINEL_HOSTS,
        SENTINEL_PORT,
        CLUSTER,
        PREFIX,
        USERNAME,
        PASSWORD,
        CA_FILE,
        CERTIFICATE_FILE,
        KEY_FILE,
        CONNECT_TIMEOUT,
        COMMAND_TIMEOUT,
        REQUIRED,
        REVOCATION_WINDOW);
  }
}
