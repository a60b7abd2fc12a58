package dev.holdfast.config;

import java.time.Duration;
import java.util.Optional;

/** Bounds on what a peer can grow. */
public final class LimitKeys {
  static final Section KEYS = new Section("Limits");

  public static final Key<Optional<Long>> MESSAGE =
      KEYS.key("limits.message", Kinds.size("1KiB", "1GiB").or("announced"), "announced")
          .because(
              "Largest message from a client, instead of the limit that the upstream announces.");

  public static final Key<Long> UPSTREAM_MESSAGE =
      KEYS.key("limits.upstream-message", Kinds.size("1KiB", "1GiB"), "64MiB")
          .because("Largest message from an upstream; raise it if answers carry larger files.");

  public static final Key<Integer> ATTACHMENTS =
      KEYS.key("limits.attachments", Kinds.count(0, 1000), "10")
          .because("Maximum number of binary attachments in a packet.");

  public static final Key<Integer> POST_PACKETS =
      KEYS.key("limits.post-packets", Kinds.count(1, 1_000_000), "1000")
          .because("Maximum number of packets in a polling POST.");

  public static final Key<Integer> HEADER =
      KEYS.key("limits.header", Kinds.smallSize("1KiB", "1MiB"), "64KiB")
          .because(
              "Maximum size of a request line with its headers; single sign-on cookies can be large.");

  public static final Key<Duration> HEAD_TIMEOUT =
      KEYS.key("limits.head-timeout", Kinds.duration("100ms", "1h"), "10s")
          .because(
              "How long a request line with its headers may take to arrive, from its first byte.");

  public static final Key<Optional<Long>> HEADS =
      KEYS.key("limits.heads", Kinds.size("64KiB", "1TiB").or("auto"), "auto")
          .because(
              "Heap for incomplete request heads, of the whole process; `auto` is 8 MiB, or a sixteenth of a heap below 128 MiB.");

  public static final Key<Duration> BODY_TIMEOUT =
      KEYS.key("limits.body-timeout", Kinds.duration("100ms", "1h"), "10s")
          .because("How long a polling POST may stall before its body is complete.");

  public static final Key<Optional<Long>> BODIES =
      KEYS.key("limits.bodies", Kinds.size("1MiB", "1TiB").or("auto"), "auto")
          .because(
              "Heap for the bodies of polling POSTs, of the whole process; `auto` is a quarter of the heap.");

  public static final Key<Optional<Integer>> CONNECTIONS =
      KEYS.key("limits.connections", Kinds.count(1, 10_000_000).or("auto"), "auto")
          .because(
              "Maximum number of client connections of the process, and of parked sessions. At 80 %, an address or "
                  + "verified user that holds half of them gets no more. At 90 %, connections without a request or CONNECT, "
                  + "and parked sessions, of whoever holds most are closed. `auto` is one for each 32 KiB of heap, but at most "
                  + "half of the descriptors that `ulimit -n` leaves beside a reserve (192 and a sixteenth), since each "
                  + "connection may need a link.");

  public static final Key<Optional<Integer>> CONNECTIONS_PER_ADDRESS =
      KEYS.key("limits.connections-per-address", Kinds.count(1, 10_000_000).or("none"), "none")
          .because(
              "Hard limit on the transports of one client address, on all nodes. An office, or a proxy that is not in "
                  + "`proxy.trusted-proxies`, is one address. Without a limit each address has its share.");

  public static final Key<Integer> SESSIONS_PER_USER =
      KEYS.key("limits.sessions-per-user", Kinds.count(1, 1_000_000), "200")
          .because(
              "Maximum number of sessions of a user on all nodes; each tab has one. Requires `auth.secret-key`: "
                  + "otherwise anyone could use up another user's sessions.");

  public static final Key<Long> WAITING =
      KEYS.key("limits.waiting", Kinds.size("1KiB", "1GiB"), "256KiB")
          .because(
              "Bytes that may be buffered for a slow side before Holdfast stops reading from the other side.");

  public static final Key<Duration> SLOW_TRANSPORT =
      KEYS.key("limits.slow-transport", Kinds.duration("100ms", "1h"), "10s")
          .because("How long a slow client may keep its link paused before the client is closed.");

  public static final Key<Duration> POLLING_IDLE =
      KEYS.key("limits.polling-idle", Kinds.duration("100ms", "1h"), "60s")
          .because("How long a polling client may stay without a request.");

  public static final Key<Optional<Long>> BUFFERS =
      KEYS.key("limits.buffers", Kinds.size("64KiB", "1TiB").or("auto"), "auto")
          .because(
              "Memory for buffered data, of the whole process. It is direct memory, except for what sessions collect "
                  + "during a switchover; `auto` is a quarter of the direct memory.");

  private LimitKeys() {}
}
