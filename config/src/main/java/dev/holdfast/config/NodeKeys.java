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
          .because("Unique name of this node; part of the ids that it issues to clients.");

  public static final Key<Optional<HostPort>> ADVERTISE =
      KEYS.key("node.advertise", Addresses.reachable().or("auto"), "auto")
          .because(
              "Address at which other nodes reach this one; by default the machine's first non-loopback address with the port of `listen`.");

  public static final Key<Duration> BEAT =
      KEYS.key("node.beat", Kinds.duration("100ms", "1m"), "2s")
          .because(
              "Interval at which nodes register. A node that misses three beats is gone. Must be the same on all nodes.");

  public static final Key<Duration> DIAL_TIMEOUT =
      KEYS.key("node.dial-timeout", Kinds.duration("50ms", "30s"), "3s")
          .because(
              "How long a connection to another node may take to open; more than a second, since TCP resends a lost packet only after that.");

  public static final Key<Duration> GIVE_UP =
      KEYS.key("node.give-up", Kinds.duration("1s", "10m"), "15s")
          .because(
              "How long a node may be both unregistered and unresponsive before its clients get new sessions elsewhere.");

  public static final Key<List<String>> SECRET =
      KEYS.key("cluster.secret", Kinds.secrets(16, KEPT_IN_REDIS), "")
          .because(
              "Secrets that nodes sign their messages to each other with; must be the same on all nodes. The first one "
                  + "signs, all of them verify, so that a secret can be rotated node by node; `redis` stands for the key "
                  + "stored in Redis. Without it nodes sign with `auth.secret-key`, or else with a key that they create and "
                  + "store in Redis, which does not protect against anyone who can write there.");

  private NodeKeys() {}
}
