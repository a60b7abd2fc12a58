package dev.holdfast.redis;

import dev.holdfast.config.HostPort;
import dev.holdfast.config.RedisKeys;
import dev.holdfast.config.RedisUrl;
import dev.holdfast.config.Settings;
import dev.holdfast.tls.ClientTls;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Creates the node's only client once Redis is reachable; the writer and the subscriber each take a
 * connection from it. All calls but {@link #close} block. Thread-safe.
 */
final class RedisClientFactory implements Closeable {
  private static final int CONNECTIONS = 4;
  private static final String DEFAULT_USER = "default";

  private final Settings settings;
  private final RedisUrl url;
  private final JedisClientConfig config;
  private @Nullable UnifiedJedis client;
  private boolean closed;

  /**
   * @param silence how long a subscription may be silent
   * @throws IOException if a TLS file cannot be used
   */
  RedisClientFactory(Settings settings, Duration silence) throws IOException {
    this.settings = settings;
    this.url = settings.redis().url().orElseThrow();
    this.config = config(settings, url, silence);
  }

  private static JedisClientConfig config(Settings settings, RedisUrl url, Duration silence)
      throws IOException {
    DefaultJedisClientConfig.Builder builder =
        DefaultJedisClientConfig.builder()
            .resp2()
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .connectionTimeoutMillis(
                Math.toIntExact(settings.get(RedisKeys.CONNECT_TIMEOUT).toMillis()))
            .socketTimeoutMillis(
                Math.toIntExact(settings.get(RedisKeys.COMMAND_TIMEOUT).toMillis()))
            .blockingSocketTimeoutMillis(Math.toIntExact(silence.toMillis()))
            .database(url.database());
    settings
        .get(RedisKeys.PASSWORD)
        .ifPresent(it -> authenticate(builder, settings.get(RedisKeys.USERNAME), it));
    if (url.tls()) {
      secure(builder, settings, url);
    }
    return builder.build();
  }

  /**
   * Always sends a user name: Redis rejects a password alone where none is set, and redis-py sends
   * both.
   */
  private static void authenticate(
      DefaultJedisClientConfig.Builder builder, Optional<String> username, String password) {
    builder.user(username.orElse(DEFAULT_USER)).password(password);
  }

  // The replacement in Jedis reads key stores but not PEM.
  @SuppressWarnings("deprecation")
  private static void secure(
      DefaultJedisClientConfig.Builder builder, Settings settings, RedisUrl url)
      throws IOException {
    SSLContext context =
        url.verifiesServer()
            ? ClientTls.context(
                settings.get(RedisKeys.CA_FILE),
                settings.get(RedisKeys.CERTIFICATE_FILE),
                settings.get(RedisKeys.KEY_FILE))
            : ClientTls.unverified(
                settings.get(RedisKeys.CERTIFICATE_FILE), settings.get(RedisKeys.KEY_FILE));
    SSLParameters parameters = context.getDefaultSSLParameters();
    if (url.namesServer()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    builder.ssl(true).sslSocketFactory(context.getSocketFactory()).sslParameters(parameters);
  }

  /** Returns the client, and creates it first if necessary. */
  synchronized UnifiedJedis client() {
    if (closed) {
      throw new JedisException("closed");
    }
    UnifiedJedis made = client == null ? open() : client;
    client = made;
    return made;
  }

  private UnifiedJedis open() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(CONNECTIONS);
    pool.setMaxIdle(CONNECTIONS);
    pool.setJmxEnabled(false);
    pool.setMaxWait(settings.get(RedisKeys.CONNECT_TIMEOUT));
    HostAndPort address = new HostAndPort(url.host(), url.port());
    if (settings.get(RedisKeys.CLUSTER)) {
      return RedisClusterClient.builder()
          .nodes(Set.of(address))
          .clientConfig(config)
          .poolConfig(pool)
          .build();
    }
    if (!settings.redis().sentinels().isEmpty()) {
      return RedisSentinelClient.builder()
          .masterName(url.host())
          .sentinels(
              settings.redis().sentinels().stream()
                  .map(RedisClientFactory::address)
                  .collect(Collectors.toSet()))
          .sentinelClientConfig(sentinelConfig())
          .clientConfig(config)
          .poolConfig(pool)
          .build();
    }
    return RedisClient.builder().hostAndPort(address).clientConfig(config).poolConfig(pool).build();
  }

  private static HostAndPort address(HostPort address) {
    return new HostAndPort(address.host(), address.port());
  }

  /** As in Open WebUI, the URL's user and password apply to the Sentinels, and its TLS does not. */
  private JedisClientConfig sentinelConfig() {
    DefaultJedisClientConfig.Builder builder =
        DefaultJedisClientConfig.builder()
            .resp2()
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .connectionTimeoutMillis(config.getConnectionTimeoutMillis())
            .socketTimeoutMillis(config.getSocketTimeoutMillis());
    url.passwordOrNone().ifPresent(it -> authenticate(builder, url.username(), it));
    return builder.build();
  }

  /**
   * Discards idle connections, which are dead after an outage, and has the Sentinels asked for the
   * master again.
   */
  synchronized void refresh() {
    if (client instanceof RedisSentinelClient sentinel) {
      client = null;
      sentinel.close();
    } else if (client instanceof RedisClient standalone) {
      standalone.getPool().clear();
    } else if (client instanceof RedisClusterClient cluster) {
      cluster.refreshClusterTopology();
    }
  }

  /** Returns the address, without a password. */
  RedisUrl address() {
    return url;
  }

  /** Returns a description for the log. */
  String describe() {
    return ServerInfo.of(info()) + ", " + mode() + " at " + url;
  }

  private Optional<String> info() {
    try {
      return Optional.of(client().info("server"));
    } catch (JedisDataException notAllowed) {
      return Optional.empty();
    }
  }

  private String mode() {
    if (settings.get(RedisKeys.CLUSTER)) {
      return "cluster";
    }
    return settings.redis().sentinels().isEmpty() ? "standalone" : "sentinel";
  }

  @Override
  public void close() {
    UnifiedJedis made;
    synchronized (this) {
      closed = true;
      made = client;
    }
    if (made != null) {
      made.close();
    }
  }
}
