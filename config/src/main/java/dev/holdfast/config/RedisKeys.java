package dev.holdfast.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Redis or Valkey, through which nodes find each other. */
public final class RedisKeys {
  static final Section KEYS = new Section("Redis");

  public static final Key<Optional<RedisUrlText>> URL =
      KEYS.key("redis.url", RedisUrlText.kind().or("none"), "none")
          .openWebUi("WEBSOCKET_REDIS_URL", "REDIS_URL")
          .because(
              "Redis or Valkey that connects several nodes; without it this node runs alone. `valkey://` means the same. "
                  + "With Sentinel its host is the name of the master, and its user and password are also used for the "
                  + "Sentinels. Parsed like redis-py does ([parameters](operations.md#the-url-of-redis)).");

  public static final Key<List<String>> SENTINEL_HOSTS =
      KEYS.key("redis.sentinel-hosts", Addresses.host().list(","), "")
          .openWebUi("WEBSOCKET_SENTINEL_HOSTS")
          .because("The Sentinels that know the master.");

  public static final Key<Integer> SENTINEL_PORT =
      KEYS.key("redis.sentinel-port", Kinds.count(1, 65_535), "26379")
          .openWebUi("WEBSOCKET_SENTINEL_PORT")
          .because("Port of the Sentinels.");

  public static final Key<Boolean> CLUSTER =
      KEYS.key("redis.cluster", Kinds.flag(), "false")
          .openWebUi("WEBSOCKET_REDIS_CLUSTER", "REDIS_CLUSTER")
          .because("Whether the URL names a node of a Redis Cluster, which has only database 0.");

  public static final Key<String> PREFIX =
      KEYS.key(
              "redis.prefix",
              Kinds.matching("[A-Za-z0-9_.-]{1,64}", "letters, digits, `_`, `.` and `-`, 1 to 64"),
              "holdfast")
          .because(
              "Prefix of all keys and channels; use a different one for each group of nodes that share a Redis.");

  public static final Key<Optional<String>> USERNAME =
      KEYS.key("redis.username", Kinds.text(), "")
          .because("ACL user of Redis; overrides that of the URL.");

  public static final Key<Optional<String>> PASSWORD =
      KEYS.key("redis.password", Kinds.secret(), "")
          .because("Password of Redis; overrides that of the URL.");

  public static final Key<Optional<Path>> CA_FILE =
      KEYS.key("redis.ca-file", Kinds.file().or("none"), "none")
          .because("PEM certificates to trust for `rediss://`, instead of the JDK's.");

  public static final Key<Optional<Path>> CERTIFICATE_FILE =
      KEYS.key("redis.certificate-file", Kinds.file().or("none"), "none")
          .because("PEM certificate that this node presents to Redis if it asks for one.");

  public static final Key<Optional<Path>> KEY_FILE =
      KEYS.key("redis.key-file", Kinds.file().or("none"), "none")
          .because("PEM private key of that certificate, without a password.");

  public static final Key<Duration> CONNECT_TIMEOUT =
      KEYS.key("redis.connect-timeout", Kinds.duration("10ms", "1m"), "2s")
          .because("How long a connection to Redis may take.");

  public static final Key<Duration> COMMAND_TIMEOUT =
      KEYS.key("redis.command-timeout", Kinds.duration("10ms", "1m"), "2s")
          .because("How long Redis may take to reply before it counts as unavailable.");

  public static final Key<Boolean> REQUIRED =
      KEYS.key("redis.required", Kinds.flag(), "false")
          .because(
              "Whether a node without Redis reports that it is not ready (`/readyz` fails); sessions continue either way.");

  public static final Key<Duration> REVOCATION_WINDOW =
      KEYS.key("redis.revocation-window", Kinds.duration("1m", "30d"), "1d")
          .because(
              "How long Redis keeps revocations of tokens and users, for nodes that are disconnected from it meanwhile; as long as the longest outage to survive.");

  private RedisKeys() {}
}
