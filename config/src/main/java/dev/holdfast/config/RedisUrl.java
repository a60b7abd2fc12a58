package dev.holdfast.config;

import java.util.List;
import java.util.Optional;

/**
 * Where Redis is and how to connect to it, as a URL says. Immutable.
 *
 * @param tls whether it began with {@code rediss://}
 * @param host with Sentinel the name of the master
 * @param username with Sentinel that for the Sentinels, too
 * @param password with Sentinel that for the Sentinels, too
 * @param query what else it says
 */
public record RedisUrl(
    boolean tls,
    String host,
    int port,
    int database,
    Optional<String> username,
    Optional<String> password,
    RedisQuery query) {

  /** Whether the name in the server's certificate has to be that of the URL. */
  public boolean namesServer() {
    return query.verified() && query.named();
  }

  /** Whether somebody has to vouch for the server's certificate. */
  public boolean verifiesServer() {
    return query.verified();
  }

  /** The password; that of a user without one is empty, as in redis-py. */
  public Optional<String> passwordOrNone() {
    return password.or(() -> username.map(user -> ""));
  }

  /** What the operator should know. */
  List<String> notices() {
    return query.notices();
  }

  @Override
  public String toString() {
    String address = new HostPort(host, port).toString();
    return (tls ? "rediss" : "redis") + "://" + address + "/" + database;
  }
}
