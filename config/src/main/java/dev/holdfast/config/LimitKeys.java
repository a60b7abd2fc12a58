package dev.holdfast.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Bounds on what a peer can grow. */
final class LimitKeys {
  static final Key<Optional<Long>> MESSAGE =
      new Key<>(
          "limits.message",
          Kinds.size("1KiB", "1GiB").or("announced"),
          "announced",
          "Largest message of a client, if not what the upstream announces.");

  static final Key<Long> UPSTREAM_MESSAGE =
      new Key<>(
          "limits.upstream-message",
          Kinds.size("1KiB", "1GiB"),
          "64MiB",
          "Largest message of an upstream; raise it if answers carry larger files.");

  static final Key<Integer> ATTACHMENTS =
      new Key<>(
          "limits.attachments",
          Kinds.count(0, 1000),
          "10",
          "Binary attachments that one packet may have.");

  static final Key<Integer> POST_PACKETS =
      new Key<>(
          "limits.post-packets",
          Kinds.count(1, 1_000_000),
          "1000",
          "Packets that one polling POST may carry.");

  static final Key<Integer> HEADER =
      new Key<>(
          "limits.header",
          Kinds.smallSize("1KiB", "1MiB"),
          "64KiB",
          "Largest request line and headers; single sign-on cookies can be large.");

  static final Key<Duration> HEAD_TIMEOUT =
      new Key<>(
          "limits.head-timeout",
          Kinds.duration("100ms", "1h"),
          "10s",
          "How long the rest of a request's head may take to come once it has begun.");

  static final Key<Optional<Long>> HEADS =
      new Key<>(
          "limits.heads",
          Kinds.size("64KiB", "1TiB").or("auto"),
          "auto",
          "Memory on the heap for heads that have begun and have not come whole, of the whole process; `auto` is 8 MiB,"
              + " and a sixteenth of a heap below 128 MiB.");

  static final Key<Duration> BODY_TIMEOUT =
      new Key<>(
          "limits.body-timeout",
          Kinds.duration("100ms", "1h"),
          "10s",
          "How long nothing may come of a polling POST that has begun.");

  static final Key<Optional<Long>> BODIES =
      new Key<>(
          "limits.bodies",
          Kinds.size("1MiB", "1TiB").or("auto"),
          "auto",
          "Memory on the heap for the bodies of polling POSTs, of the whole process; `auto` is a quarter of the"
              + " heap.");

  static final Key<Optional<Integer>> CONNECTIONS =
      new Key<>(
          "limits.connections",
          Kinds.count(1, 10_000_000).or("auto"),
          "auto",
          "Open connections of clients of the process, and as many sessions without a client. When 80 % are taken, an"
              + " address or a verified user with half of them gets no more; at 90 %, those without a request or a"
              + " CONNECT, and sessions without a client, of whoever has most go. `auto` is one for each 32 KiB of"
              + " heap, and at most half of what `ulimit -n` leaves beside a reserve (192 and a sixteenth), as each"
              + " may need a link.");

  static final Key<Optional<Integer>> CONNECTIONS_PER_ADDRESS =
      new Key<>(
          "limits.connections-per-address",
          Kinds.count(1, 10_000_000).or("none"),
          "none",
          "A hard limit on the transports of one client address, on all nodes. An office, or a proxy that is not in"
              + " `proxy.trusted-proxies`, is one address; without a limit it has its share.");

  static final Key<Integer> SESSIONS_PER_USER =
      new Key<>(
          "limits.sessions-per-user",
          Kinds.count(1, 1_000_000),
          "200",
          "Sessions of one user on all nodes; a tab is one. Only with `auth.secret-key`: else anybody could use"
              + " up somebody else's.");

  static final Key<Long> WAITING =
      new Key<>(
          "limits.waiting",
          Kinds.size("1KiB", "1GiB"),
          "256KiB",
          "What may wait for a slow side before the other side is not read any more.");

  static final Key<Duration> SLOW_TRANSPORT =
      new Key<>(
          "limits.slow-transport",
          Kinds.duration("100ms", "1h"),
          "10s",
          "How long a slow client may keep its link unread before it is closed.");

  static final Key<Duration> POLLING_IDLE =
      new Key<>(
          "limits.polling-idle",
          Kinds.duration("100ms", "1h"),
          "60s",
          "How long a polling client may be without a request.");

  static final Key<Optional<Long>> BUFFERS =
      new Key<>(
          "limits.buffers",
          Kinds.size("64KiB", "1TiB").or("auto"),
          "auto",
          "Memory for what waits, of the whole process: outside the heap, but for what moving sessions"
              + " collect; `auto` is a quarter of the direct memory.");

  private LimitKeys() {}

  static List<Key<?>> all() {
    return List.of(
        MESSAGE,
        UPSTREAM_MESSAGE,
        ATTACHMENTS,
        POST_PACKETS,
        HEADER,
        HEAD_TIMEOUT,
        HEADS,
        BODY_TIMEOUT,
        BODIES,
        CONNECTIONS,
        CONNECTIONS_PER_ADDRESS,
        SESSIONS_PER_USER,
        WAITING,
        SLOW_TRANSPORT,
        POLLING_IDLE,
        BUFFERS);
  }
}
