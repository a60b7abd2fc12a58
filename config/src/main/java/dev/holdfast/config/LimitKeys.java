package dev.holdfast.config;

import java.time.Duration;
import java.util.Optional;

/** Bounds on what a peer can grow. */
public final class LimitKeys {
  static final Section KEYS = new Section("Limits");

  public static final Key<Optional<Long>> MESSAGE =
      KEYS.key("limits.message", Kinds.size("1KiB", "1GiB").or("announced"), "announced")
          .because("Largest message of a client, if not what the upstream announces.");

  public static final Key<Long> UPSTREAM_MESSAGE =
      KEYS.key("limits.upstream-message", Kinds.size("1KiB", "1GiB"), "64MiB")
          .because("Largest message of an upstream; raise it if answers carry larger files.");

  public static final Key<Integer> ATTACHMENTS =
      KEYS.key("limits.attachments", Kinds.count(0, 1000), "10")
          .because("Binary attachments that one packet may have.");

  public static final Key<Integer> POST_PACKETS =
      KEYS.key("limits.post-packets", Kinds.count(1, 1_000_000), "1000")
          .because("Packets that one polling POST may carry.");

  public static final Key<Integer> HEADER =
      KEYS.key("limits.header", Kinds.smallSize("1KiB", "1MiB"), "64KiB")
          .because("Largest request line and headers; single sign-on cookies can be large.");

  public static final Key<Duration> HEAD_TIMEOUT =
      KEYS.key("limits.head-timeout", Kinds.duration("100ms", "1h"), "10s")
          .because("How long the rest of a request's head may take to come once it has begun.");

  public static final Key<Optional<Long>> HEADS =
      KEYS.key("limits.heads", Kinds.size("64KiB", "1TiB").or("auto"), "auto")
          .because(
              "Memory on the heap for heads that have begun and have not come whole, of the whole process; `auto` is 8 MiB, and a sixteenth of a heap below 128 MiB.");

  public static final Key<Duration> BODY_TIMEOUT =
      KEYS.key("limits.body-timeout", Kinds.duration("100ms", "1h"), "10s")
          .because("How long nothing may come of a polling POST that has begun.");

  public static final Key<Optional<Long>> BODIES =
      KEYS.key("limits.bodies", Kinds.size("1MiB", "1TiB").or("auto"), "auto")
          .because(
              "Memory on the heap for the bodies of polling POSTs, of the whole process; `auto` is a quarter of the heap.");

  public static final Key<Optional<Integer>> CONNECTIONS =
      KEYS.key("limits.connections", Kinds.count(1, 10_000_000).or("auto"), "auto")
          .because(
              "Open connections of clients of the process, and as many sessions without a client. When 80 % are taken, an"
                  + " address or a verified user with half of them gets no more; at 90 %, those without a request or a"
                  + " CONNECT, and sessions without a client, of whoever has most go. `auto` is one for each 32 KiB of"
                  + " heap, and at most half of what `ulimit -n` leaves beside a reserve (192 and a sixteenth), as each"
                  + " may need a link.");

  public static final Key<Optional<Integer>> CONNECTIONS_PER_ADDRESS =
      KEYS.key("limits.connections-per-address", Kinds.count(1, 10_000_000).or("none"), "none")
          .because(
              "A hard limit on the transports of one client address, on all nodes. An office, or a proxy that is not in"
                  + " `proxy.trusted-proxies`, is one address; without a limit it has its share.");

  public static final Key<Integer> SESSIONS_PER_USER =
      KEYS.key("limits.sessions-per-user", Kinds.count(1, 1_000_000), "200")
          .because(
              "Sessions of one user on all nodes; a tab is one. Only with `auth.secret-key`: else anybody could use up somebody else's.");

  public static final Key<Long> WAITING =
      KEYS.key("limits.waiting", Kinds.size("1KiB", "1GiB"), "256KiB")
          .because("What may wait for a slow side before the other side is not read any more.");

  public static final Key<Duration> SLOW_TRANSPORT =
      KEYS.key("limits.slow-transport", Kinds.duration("100ms", "1h"), "10s")
          .because("How long a slow client may keep its link unread before it is closed.");

  public static final Key<Duration> POLLING_IDLE =
      KEYS.key("limits.polling-idle", Kinds.duration("100ms", "1h"), "60s")
          .because("How long a polling client may be without a request.");

  public static final Key<Optional<Long>> BUFFERS =
      KEYS.key("limits.buffers", Kinds.size("64KiB", "1TiB").or("auto"), "auto")
          .because(
              "Memory for what waits, of the whole process: outside the heap, but for what moving sessions collect; `auto` is a quarter of the direct memory.");

  private LimitKeys() {}
}
