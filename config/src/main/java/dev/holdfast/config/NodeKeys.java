package dev.holdfast.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** This node among the others. */
public final class NodeKeys {
  static final Section KEYS = new Section("Several nodes");

  /** In place of a secret: the key that nodes make themselves and keep in Redis. */
  public static final String KEPT_IN_REDIS = "redis";

  public static final Key<Optional<String>> ID =
      KEYS.key(
              "node.id",
              Kinds.matching("[a-z0-9-]{1,32}", "small letters, digits and `-`, 1 to 32")
                  .or("random"),
              "random")
          .because(
              "The name of this node, of no other node; part of the ids that it gives to clients.");

  public static final Key<Optional<HostPort>> ADVERTISE =
      KEYS.key("node.advertise", Addresses.reachable().or("auto"), "auto")
          .because(
              "Where other nodes reach this one, if not at its first address that is no loopback, at the port of `listen`.");

  public static final Key<Duration> BEAT =
      KEYS.key("node.beat", Kinds.duration("100ms", "1m"), "2s")
          .because(
              "How often nodes say that they are there; who misses three beats is gone. The same on all nodes.");

  public static final Key<Duration> DIAL_TIMEOUT =
      KEYS.key("node.dial-timeout", Kinds.duration("50ms", "30s"), "3s")
          .because(
              "How long a connection to another node may take to open; more than a second, after which TCP sends a lost packet again.");

  public static final Key<Duration> GIVE_UP =
      KEYS.key("node.give-up", Kinds.duration("1s", "10m"), "15s")
          .because(
              "How long a node may be neither registered nor answer before its clients get fresh sessions elsewhere.");

  public static final Key<List<String>> SECRET =
      KEYS.key("cluster.secret", Kinds.secrets(16, KEPT_IN_REDIS), "")
          .because(
              "What nodes sign with when they talk to each other, the same on all nodes. The first one signs, all are"
                  + " believed, so that it can be changed on one node after the other; `redis` is the key that Redis keeps."
                  + " Without it they sign with `auth.secret-key`; without that with a key that they make and keep in Redis,"
                  + " which protects from nobody who can write there.");

  private NodeKeys() {}
}
