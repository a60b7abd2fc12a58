package dev.holdfast.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Requests that are not Socket.IO, and who sent them. */
public final class ProxyKeys {
  static final Section KEYS = new Section("Other HTTP and client identity");

  public static final Key<List<String>> TRUSTED_PROXIES =
      KEYS.key("proxy.trusted-proxies", Addresses.block().list(","), "")
          .because(
              "Proxies in front of Holdfast whose forwarded headers are trusted; from all other peers they are replaced.");

  public static final Key<Duration> RESPONSE_TIMEOUT =
      KEYS.key("proxy.response-timeout", Kinds.duration("100ms", "7d"), "30m")
          .because(
              "How long an upstream may take to start its response; a model may think for a long time.");

  public static final Key<Duration> IDLE_TIMEOUT =
      KEYS.key("proxy.idle-timeout", Kinds.duration("100ms", "7d"), "30m")
          .because(
              "How long a body, or a WebSocket other than Socket.IO, may go without a byte in either direction.");

  public static final Key<Duration> BODY_TIMEOUT =
      KEYS.key("proxy.body-timeout", Kinds.duration("100ms", "7d"), "60s")
          .because(
              "How long a client may send nothing of a request body that has begun, before it gets 408. Time in which the upstream accepts no data does not count.");

  public static final Key<Duration> UNREAD_TIMEOUT =
      KEYS.key("proxy.unread-timeout", Kinds.duration("100ms", "7d"), "60s")
          .because(
              "How long a client may read nothing of a response, or of a WebSocket other than Socket.IO, while data is ready.");

  public static final Key<Integer> CONNECTIONS =
      KEYS.key("proxy.connections", Kinds.count(1, 1_000_000), "1000")
          .because(
              "Maximum number of HTTP connections to an upstream; each running stream takes one. At 80 %, an address or "
                  + "verified user that holds half of them waits. At 90 %, WebSockets other than Socket.IO, and requests that "
                  + "wait for their client, of whoever holds most are ended. Links of sessions do not count.");

  public static final Key<Integer> QUEUE =
      KEYS.key("proxy.queue", Kinds.count(0, 1_000_000), "1000")
          .because(
              "Maximum number of requests that wait for such a connection, and as many that wait for an unavailable "
                  + "upstream; further ones get 503. At 80 %, so do those of a client that holds half of them.");

  public static final Key<Duration> QUEUE_TIMEOUT =
      KEYS.key("proxy.queue-timeout", Kinds.duration("10ms", "1h"), "30s")
          .because("How long a request may wait for a connection before it gets 503.");

  public static final Key<Duration> HOLD =
      KEYS.key("proxy.hold", Kinds.duration("0s", "10m"), "15s")
          .because(
              "How long a request that is safe to repeat waits for an unavailable upstream before it gets 503.");

  public static final Key<Duration> KEEP_ALIVE =
      KEYS.key("proxy.keep-alive", Kinds.duration("100ms", "1h"), "4s")
          .because(
              "How long an idle connection to an upstream is kept. Keep it below the upstream's own timeout, 5s for Open "
                  + "WebUI's uvicorn; otherwise requests may hit a closing connection.");

  public static final Key<Duration> CLIENT_KEEP_ALIVE =
      KEYS.key("proxy.client-keep-alive", Kinds.duration("1s", "1h"), "75s")
          .because(
              "How long an idle client connection is kept. Keep it above the timeout of a balancer in front, otherwise "
                  + "its requests may hit a closing connection: Google Cloud's needs 620s.");

  public static final Key<Long> DRAIN =
      KEYS.key("proxy.drain", Kinds.size("0B", "1TiB"), "64MiB")
          .because(
              "How much of a request body is read and discarded after an early response, so that the client receives "
                  + "that response; closing the connection at once would lose it.");

  public static final Key<Duration> DRAIN_TIMEOUT =
      KEYS.key("proxy.drain-timeout", Kinds.duration("0s", "1h"), "30s")
          .because(
              "How long that may take. While connections are scarce, the longest of whoever holds most are closed.");

  public static final Key<Boolean> READY_PAGE =
      KEYS.key("proxy.ready-page", Kinds.flag(), "true")
          .because(
              "Whether `/holdfast/ready` on the public port tells balancers if this node takes new sessions; otherwise "
                  + "the path belongs to Open WebUI, like all others.");

  public static final Key<Optional<String>> SECRET_KEY =
      KEYS.key("auth.secret-key", Kinds.secret(), "")
          .openWebUi("WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY")
          .because(
              "Open WebUI's WEBUI_SECRET_KEY. With it, tokens are verified before they decide which upstream a user gets.");

  public static final Key<Boolean> REVOKE_SESSIONS =
      KEYS.key("auth.revoke-sessions", Kinds.flag(), "true")
          .because(
              "Whether sessions end with their token: when it is signed out or, with `auth.secret-key`, when it expires "
                  + "or its user is changed or deleted. Open WebUI itself leaves many of them open.");

  public static final Key<List<String>> TRUSTED_HEADERS =
      KEYS.key("auth.trusted-headers", Kinds.header().list(","), "")
          .openWebUi(
              "WEBUI_AUTH_TRUSTED_EMAIL_HEADER",
              "WEBUI_AUTH_TRUSTED_NAME_HEADER",
              "WEBUI_AUTH_TRUSTED_GROUPS_HEADER",
              "WEBUI_AUTH_TRUSTED_ROLE_HEADER")
          .because(
              "Headers that tell Open WebUI who a user is; removed from requests that did not come through a trusted proxy.");

  private ProxyKeys() {}
}
