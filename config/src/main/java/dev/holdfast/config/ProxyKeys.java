package dev.holdfast.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Requests that are not Socket.IO, and who sent them. */
public final class ProxyKeys {
  static final Section KEYS = new Section("Other HTTP, and who sends it");

  public static final Key<List<String>> TRUSTED_PROXIES =
      KEYS.key("proxy.trusted-proxies", Addresses.block().list(","), "")
          .because(
              "Proxies before Holdfast whose forwarded headers are believed; from all others they are replaced.");

  public static final Key<Duration> RESPONSE_TIMEOUT =
      KEYS.key("proxy.response-timeout", Kinds.duration("100ms", "7d"), "30m")
          .because(
              "How long an upstream may take to begin its answer; a model can think for long.");

  public static final Key<Duration> IDLE_TIMEOUT =
      KEYS.key("proxy.idle-timeout", Kinds.duration("100ms", "7d"), "30m")
          .because(
              "How long a body or another WebSocket may be without a byte in either direction.");

  public static final Key<Duration> BODY_TIMEOUT =
      KEYS.key("proxy.body-timeout", Kinds.duration("100ms", "7d"), "60s")
          .because(
              "How long nothing may come of a request's body that has begun, before it is answered 408; not while the upstream is slow to take it.");

  public static final Key<Duration> UNREAD_TIMEOUT =
      KEYS.key("proxy.unread-timeout", Kinds.duration("100ms", "7d"), "60s")
          .because(
              "How long a client may take nothing of a response, or of another WebSocket, that waits for it.");

  public static final Key<Integer> CONNECTIONS =
      KEYS.key("proxy.connections", Kinds.count(1, 1_000_000), "1000")
          .because(
              "HTTP connections to one upstream; each running stream takes one. When 80 % are in use, an address or a"
                  + " verified user with half of them waits; at 90 %, other WebSockets and what waits for its client end, of"
                  + " whoever has most. Links of sessions are not counted here.");

  public static final Key<Integer> QUEUE =
      KEYS.key("proxy.queue", Kinds.count(0, 1_000_000), "1000")
          .because(
              "Requests that may wait for such a connection, and as many for an upstream that is away; the next one is"
                  + " answered 503, and when it is 80 % full the next one of who has half of it.");

  public static final Key<Duration> QUEUE_TIMEOUT =
      KEYS.key("proxy.queue-timeout", Kinds.duration("10ms", "1h"), "30s")
          .because("How long a request may wait for a connection before it is answered 503.");

  public static final Key<Duration> HOLD =
      KEYS.key("proxy.hold", Kinds.duration("0s", "10m"), "15s")
          .because(
              "How long a request that is safe to repeat waits for an upstream that is away, before it is answered 503.");

  public static final Key<Duration> KEEP_ALIVE =
      KEYS.key("proxy.keep-alive", Kinds.duration("100ms", "1h"), "4s")
          .because(
              "How long an unused connection to an upstream is kept; less than the upstream's own time, which is 5s for Open WebUI's uvicorn, or requests meet a closing connection.");

  public static final Key<Duration> CLIENT_KEEP_ALIVE =
      KEYS.key("proxy.client-keep-alive", Kinds.duration("1s", "1h"), "75s")
          .because(
              "How long a client's connection without a request is kept; more than a balancer in front keeps its own, or its requests meet a closing connection: Google Cloud's needs 620s.");

  public static final Key<Long> DRAIN =
      KEYS.key("proxy.drain", Kinds.size("0B", "1TiB"), "64MiB")
          .because(
              "How much of a request's body is read and dropped behind an early answer, so that the client can read that; a connection that is closed at once would lose it.");

  public static final Key<Duration> DRAIN_TIMEOUT =
      KEYS.key("proxy.drain-timeout", Kinds.duration("0s", "1h"), "30s")
          .because(
              "How long that may take. While connections are short, those that do it longest of whoever has most are closed.");

  public static final Key<Boolean> READY_PAGE =
      KEYS.key("proxy.ready-page", Kinds.flag(), "true")
          .because(
              "Whether `/holdfast/ready` tells balancers at the public port if this node takes new sessions; otherwise the path is Open WebUI's, as all others are.");

  public static final Key<Optional<String>> SECRET_KEY =
      KEYS.key("auth.secret-key", Kinds.secret(), "")
          .openWebUi("WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY")
          .because(
              "Open WebUI's WEBUI_SECRET_KEY: with it, tokens are verified before they decide which upstream a user gets.");

  public static final Key<Boolean> REVOKE_SESSIONS =
      KEYS.key("auth.revoke-sessions", Kinds.flag(), "true")
          .because(
              "Whether sessions end with their token: when it is signed out or, with `auth.secret-key`, expires or its user is changed or deleted."
                  + " Open WebUI itself leaves many of them open.");

  public static final Key<List<String>> TRUSTED_HEADERS =
      KEYS.key("auth.trusted-headers", Kinds.header().list(","), "")
          .openWebUi(
              "WEBUI_AUTH_TRUSTED_EMAIL_HEADER",
              "WEBUI_AUTH_TRUSTED_NAME_HEADER",
              "WEBUI_AUTH_TRUSTED_GROUPS_HEADER",
              "WEBUI_AUTH_TRUSTED_ROLE_HEADER")
          .because(
              "Headers by which Open WebUI is told who a user is; removed from requests that no trusted proxy sent.");

  private ProxyKeys() {}
}
