package dev.holdfast.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Requests that are not Socket.IO, and who sent them. */
final class ProxyKeys {
  static final Key<List<String>> TRUSTED_PROXIES =
      new Key<>(
          "proxy.trusted-proxies",
          Addresses.block().list(","),
          "",
          "Proxies before Holdfast whose forwarded headers are believed; from all others they are replaced.");

  static final Key<Duration> RESPONSE_TIMEOUT =
      new Key<>(
          "proxy.response-timeout",
          Kinds.duration("100ms", "7d"),
          "30m",
          "How long an upstream may take to begin its answer; a model can think for long.");

  static final Key<Duration> IDLE_TIMEOUT =
      new Key<>(
          "proxy.idle-timeout",
          Kinds.duration("100ms", "7d"),
          "30m",
          "How long a body or another WebSocket may be without a byte in either direction.");

  static final Key<Duration> REQUEST_BODY_TIMEOUT =
      new Key<>(
          "proxy.body-timeout",
          Kinds.duration("100ms", "7d"),
          "60s",
          "How long nothing may come of a request's body that has begun, before it is answered 408; not while the"
              + " upstream is slow to take it.");

  static final Key<Duration> UNREAD_TIMEOUT =
      new Key<>(
          "proxy.unread-timeout",
          Kinds.duration("100ms", "7d"),
          "60s",
          "How long a client may take nothing of a response, or of another WebSocket, that waits for it.");

  static final Key<Integer> PROXY_CONNECTIONS =
      new Key<>(
          "proxy.connections",
          Kinds.count(1, 1_000_000),
          "1000",
          "HTTP connections to one upstream; each running stream takes one. When 80 % are in use, an address or a"
              + " verified user with half of them waits; at 90 %, other WebSockets and what waits for its client end, of"
              + " whoever has most. Links of sessions are not counted here.");

  static final Key<Integer> QUEUE =
      new Key<>(
          "proxy.queue",
          Kinds.count(0, 1_000_000),
          "1000",
          "Requests that may wait for such a connection, and as many for an upstream that is away; the next one is"
              + " answered 503, and when it is 80 % full the next one of who has half of it.");

  static final Key<Duration> QUEUE_TIMEOUT =
      new Key<>(
          "proxy.queue-timeout",
          Kinds.duration("10ms", "1h"),
          "30s",
          "How long a request may wait for a connection before it is answered 503.");

  static final Key<Duration> HOLD =
      new Key<>(
          "proxy.hold",
          Kinds.duration("0s", "10m"),
          "15s",
          "How long a request that is safe to repeat waits for an upstream that is away, before it is answered 503.");

  static final Key<Duration> KEEP_ALIVE =
      new Key<>(
          "proxy.keep-alive",
          Kinds.duration("100ms", "1h"),
          "4s",
          "How long an unused connection to an upstream is kept; less than the upstream's own time, which is 5s for Open WebUI's uvicorn, or requests meet a closing connection.");

  static final Key<Duration> CLIENT_KEEP_ALIVE =
      new Key<>(
          "proxy.client-keep-alive",
          Kinds.duration("1s", "1h"),
          "75s",
          "How long a client's connection without a request is kept; more than a balancer in front keeps its own, or its"
              + " requests meet a closing connection: Google Cloud's needs 620s.");

  static final Key<Long> DRAIN =
      new Key<>(
          "proxy.drain",
          Kinds.size("0B", "1TiB"),
          "64MiB",
          "How much of a request's body is read and dropped behind an early answer, so that the client can read that;"
              + " a connection that is closed at once would lose it.");

  static final Key<Duration> DRAIN_TIMEOUT =
      new Key<>(
          "proxy.drain-timeout",
          Kinds.duration("0s", "1h"),
          "30s",
          "How long that may take. While connections are short, those that do it longest of whoever has most are closed.");

  static final Key<Boolean> READY_PAGE =
      new Key<>(
          "proxy.ready-page",
          Kinds.flag(),
          "true",
          "Whether `/holdfast/ready` tells balancers at the public port if this node takes new sessions; otherwise the"
              + " path is Open WebUI's, as all others are.");

  static final Key<Optional<String>> SECRET_KEY =
      new Key<>(
          "auth.secret-key",
          Kinds.secret(),
          "",
          "Open WebUI's WEBUI_SECRET_KEY: with it, tokens are verified before they decide which upstream a user gets.");

  static final Key<Boolean> REVOKE_SESSIONS =
      new Key<>(
          "auth.revoke-sessions",
          Kinds.flag(),
          "true",
          "Whether sessions end with their token: when it is signed out or, with `auth.secret-key`, expires or its user is changed or deleted."
              + " Open WebUI itself leaves many of them open.");

  static final Key<List<String>> TRUSTED_HEADERS =
      new Key<>(
          "auth.trusted-headers",
          Kinds.header().list(","),
          "",
          "Headers by which Open WebUI is told who a user is; removed from requests that no trusted proxy sent.");

  private ProxyKeys() {}

  static List<Key<?>> all() {
    return List.of(
        TRUSTED_PROXIES,
        RESPONSE_TIMEOUT,
        IDLE_TIMEOUT,
        REQUEST_BODY_TIMEOUT,
        UNREAD_TIMEOUT,
        PROXY_CONNECTIONS,
        QUEUE,
        QUEUE_TIMEOUT,
        HOLD,
        KEEP_ALIVE,
        CLIENT_KEEP_ALIVE,
        DRAIN,
        DRAIN_TIMEOUT,
        READY_PAGE,
        SECRET_KEY,
        REVOKE_SESSIONS,
        TRUSTED_HEADERS);
  }
}
