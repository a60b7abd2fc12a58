package dev.holdfast.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What browsers connect to. */
final class EdgeKeys {
  static final Key<HostPort> LISTEN =
      new Key<>(
          "listen",
          Addresses.listen(),
          "0.0.0.0:8000",
          "Where browsers, or the load balancer before them, connect.");

  static final Key<Optional<HostPort>> ADMIN_LISTEN =
      new Key<>(
          "admin.listen",
          Addresses.listen().or("off"),
          "127.0.0.1:9000",
          "Where health, readiness and metrics are served; they are not for the public.");

  static final Key<Optional<String>> ADMIN_TOKEN =
      new Key<>(
          "admin.token",
          Kinds.secret(Settings.Admin.TOKEN_CHARACTERS),
          "",
          "What callers of the admin API bring as a bearer token; if empty, the token of `admin.token-file`.");

  static final Key<Optional<Path>> ADMIN_TOKEN_FILE =
      new Key<>(
          "admin.token-file",
          Kinds.path().or("auto"),
          "auto",
          "Where the admin token is kept if none is set; a missing file is made with a random token, for its user alone."
              + " `auto` takes the first of `$RUNTIME_DIRECTORY`, `$XDG_RUNTIME_DIR` and `/run/holdfast` that can be written.");

  static final Key<Integer> ADMIN_FAILED_TRIES =
      new Key<>(
          "admin.failed-tries",
          Kinds.count(1, 1_000_000),
          "10",
          "Wrong tokens of one address (IPv6: of one /64) in `admin.failed-tries-window`, after which it is answered 429,"
              + " so that no token can be guessed.");

  static final Key<Duration> ADMIN_FAILED_TRIES_WINDOW =
      new Key<>(
          "admin.failed-tries-window",
          Kinds.duration("1s", "1h"),
          "1m",
          "How long wrong tokens count, from the first one; longer locks out whoever guesses, and whoever mistypes.");

  static final Key<String> PATH =
      new Key<>(
          "socketio.path",
          Addresses.path(),
          "/ws/socket.io/",
          "The Socket.IO endpoint of Open WebUI, if a changed build serves it elsewhere.");

  static final Key<List<String>> ORIGINS =
      new Key<>(
          "socketio.origins",
          Addresses.origin().list(";"),
          "",
          "Pages and apps that may connect, and no others; without any, pages of the host that the request is for."
              + " A slash at the end is passed over, `wss://` is read as `https://`; apps have schemes of their own,"
              + " such as `capacitor://localhost`.");

  static final Key<Duration> CONNECT_TIMEOUT =
      new Key<>(
          "socketio.connect-timeout",
          Kinds.duration("100ms", "10m"),
          "45s",
          "How long a client may take from the handshake to its CONNECT packet.");

  static final Key<Duration> UPGRADE_TIMEOUT =
      new Key<>(
          "socketio.upgrade-timeout",
          Kinds.duration("100ms", "10m"),
          "10s",
          "How long a client may take to go from polling to WebSocket.");

  static final Key<Optional<Duration>> PING_INTERVAL =
      new Key<>(
          "socketio.ping-interval",
          Kinds.duration("100ms", "1h").or("announced"),
          "announced",
          "How often clients are pinged, if not as the upstream announces;"
              + " shorter than the idle time of what stands in front.");

  static final Key<Optional<Duration>> PING_TIMEOUT =
      new Key<>(
          "socketio.ping-timeout",
          Kinds.duration("100ms", "1h").or("announced"),
          "announced",
          "How long a client may take to answer a ping, if not as the upstream announces.");

  static final Key<Optional<Path>> CERTIFICATE =
      new Key<>(
          "tls.certificate",
          Kinds.file().or("none"),
          "none",
          "PEM certificate chain, to serve https and wss; read again when it changes.");

  static final Key<Optional<Path>> PRIVATE_KEY =
      new Key<>(
          "tls.key",
          Kinds.file().or("none"),
          "none",
          "PEM private key of the certificate: PKCS#8, PKCS#1 or SEC 1, without a password; RSA, EC"
              + " on P-256, P-384 or P-521, or Ed25519. May be the same file.");

  static final Key<String> MIN_VERSION =
      new Key<>(
          "tls.min-version",
          Kinds.word("1.2", "1.3"),
          "1.2",
          "Oldest version of TLS that clients may speak; 1.0 and 1.1 are broken.");

  private EdgeKeys() {}

  static List<Key<?>> all() {
    return List.of(
        LISTEN,
        ADMIN_LISTEN,
        ADMIN_TOKEN,
        ADMIN_TOKEN_FILE,
        ADMIN_FAILED_TRIES,
        ADMIN_FAILED_TRIES_WINDOW,
        PATH,
        ORIGINS,
        CONNECT_TIMEOUT,
        UPGRADE_TIMEOUT,
        PING_INTERVAL,
        PING_TIMEOUT,
        CERTIFICATE,
        PRIVATE_KEY,
        MIN_VERSION);
  }
}
