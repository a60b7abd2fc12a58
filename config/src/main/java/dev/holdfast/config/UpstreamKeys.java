package dev.holdfast.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Open WebUI and how it is reached. */
final class UpstreamKeys {
  static final Key<List<URI>> UPSTREAMS =
      new Key<>(
          "upstreams",
          Kind.distinct(Addresses.upstream().list(",")),
          "http://localhost:8080",
          "The Open WebUI instances; a user stays on one of them while it is healthy.");

  static final Key<HostHeader> HOST =
      new Key<>(
          "upstream.host",
          HostHeader.kind(),
          "client",
          "The Host that upstreams are sent with requests, links and checks; set it if what stands"
              + " in front of Open WebUI goes by that name. With client, checks send the first of"
              + " socketio.origins.");

  static final Key<Optional<Path>> CA_FILE =
      new Key<>(
          "upstream.ca-file",
          Kinds.file().or("none"),
          "none",
          "PEM certificates to trust for https upstreams instead of the JDK's.");

  static final Key<Duration> DIAL_TIMEOUT =
      new Key<>(
          "upstream.dial-timeout",
          Kinds.duration("10ms", "10m"),
          "5s",
          "How long a connection to an upstream, with TLS, may take.");

  static final Key<Duration> HANDSHAKE_TIMEOUT =
      new Key<>(
          "upstream.handshake-timeout",
          Kinds.duration("10ms", "10m"),
          "10s",
          "How long an upstream may take to answer the WebSocket and Engine.IO handshake.");

  static final Key<Optional<Duration>> SILENT_TIMEOUT =
      new Key<>(
          "upstream.silent-timeout",
          Kinds.duration("1s", "1d").or("announced"),
          "announced",
          "How long a link may be silent, if not the ping interval and timeout announced for it.");

  static final Key<Duration> HEALTH_INTERVAL =
      new Key<>(
          "upstream.health-interval",
          Kinds.duration("100ms", "1h"),
          "5s",
          "How often each upstream is asked for its health.");

  static final Key<Duration> HEALTH_TIMEOUT =
      new Key<>(
          "upstream.health-timeout",
          Kinds.duration("10ms", "10m"),
          "5s",
          "How long an upstream may take to answer that, once connected.");

  static final Key<Duration> RESOLVE_INTERVAL =
      new Key<>(
          "upstream.resolve-interval",
          Kinds.duration("100ms", "1d"),
          "10s",
          "How often host names of upstreams are looked up again.");

  private UpstreamKeys() {}

  static List<Key<?>> all() {
    return List.of(
        UPSTREAMS,
        HOST,
        CA_FILE,
        DIAL_TIMEOUT,
        HANDSHAKE_TIMEOUT,
        SILENT_TIMEOUT,
        HEALTH_INTERVAL,
        HEALTH_TIMEOUT,
        RESOLVE_INTERVAL);
  }
}
