package dev.holdfast.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Open WebUI and how it is reached. */
public final class UpstreamKeys {
  static final Section KEYS = new Section("Open WebUI");

  public static final Key<List<URI>> UPSTREAMS =
      KEYS.key("upstreams", Kind.distinct(Addresses.upstream().list(",")), "http://localhost:8080")
          .because("The Open WebUI instances; a user stays on one of them while it is healthy.");

  public static final Key<HostHeader> HOST =
      KEYS.key("upstream.host", HostHeader.kind(), "client")
          .because(
              "`Host` header for upstreams, in requests, links and checks. Set it if a proxy in front of Open WebUI "
                  + "selects by host name. With `client`, checks send the first of `socketio.origins`.");

  public static final Key<Optional<Path>> CA_FILE =
      KEYS.key("upstream.ca-file", Kinds.file().or("none"), "none")
          .because("PEM certificates to trust for https upstreams, instead of the JDK's.");

  public static final Key<Duration> DIAL_TIMEOUT =
      KEYS.key("upstream.dial-timeout", Kinds.duration("10ms", "10m"), "5s")
          .because("How long a connection to an upstream may take, including TLS.");

  public static final Key<Duration> HANDSHAKE_TIMEOUT =
      KEYS.key("upstream.handshake-timeout", Kinds.duration("10ms", "10m"), "10s")
          .because("How long an upstream may take for the WebSocket and Engine.IO handshakes.");

  public static final Key<Optional<Duration>> SILENT_TIMEOUT =
      KEYS.key("upstream.silent-timeout", Kinds.duration("1s", "1d").or("announced"), "announced")
          .because(
              "How long a link may be silent, instead of the announced ping interval and timeout.");

  public static final Key<Duration> HEALTH_INTERVAL =
      KEYS.key("upstream.health-interval", Kinds.duration("100ms", "1h"), "5s")
          .because("Interval between health checks of an upstream.");

  public static final Key<Duration> HEALTH_TIMEOUT =
      KEYS.key("upstream.health-timeout", Kinds.duration("10ms", "10m"), "5s")
          .because("How long an upstream may take to respond to a check, once connected.");

  public static final Key<Duration> RESOLVE_INTERVAL =
      KEYS.key("upstream.resolve-interval", Kinds.duration("100ms", "1d"), "10s")
          .because("How often host names of upstreams are resolved again.");

  private UpstreamKeys() {}
}
