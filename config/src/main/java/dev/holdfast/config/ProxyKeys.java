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

  static final Key<Integer> PROXY_CONNECTIONS =
      new Key<>(
          "proxy.connections",
          Kinds.count(1, 1_000_000),
          "1000",
          "HTTP connections to one upstream; each running stream takes one.");

  static final Key<Integer> QUEUE =
      new Key<>(
          "proxy.queue",
          Kinds.count(0, 1_000_000),
          "1000",
          "Requests that may wait for such a connection, and as many for an upstream that is away; the next one is answered 503.");

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

  static final Key<Optional<String>> SECRET_KEY =
      new Key<>(
          "auth.secret-key",
          Kinds.secret(),
          "",
          "Open WebUI's WEBUI_SECRET_KEY: with it, tokens are verified before they decide which upstream a user gets.");

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
        PROXY_CONNECTIONS,
        QUEUE,
        QUEUE_TIMEOUT,
        HOLD,
        KEEP_ALIVE,
        SECRET_KEY,
        TRUSTED_HEADERS);
  }
}
