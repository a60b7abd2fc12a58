package dev.holdfast.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What browsers connect to. */
public final class EdgeKeys {
  static final Section KEYS = new Section("What browsers connect to");

  /** The least length of {@link #ADMIN_TOKEN}. */
  public static final int TOKEN_CHARACTERS = 16;

  public static final Key<HostPort> LISTEN =
      KEYS.key("listen", Addresses.listen(), "0.0.0.0:8000")
          .because("Address for browsers or the load balancer in front of Holdfast.");

  public static final Key<Optional<HostPort>> ADMIN_LISTEN =
      KEYS.key("admin.listen", Addresses.listen().or("off"), "127.0.0.1:9000")
          .because("Address for health, readiness, metrics and the admin API; do not publish it.");

  public static final Key<Optional<String>> ADMIN_TOKEN =
      KEYS.key("admin.token", Kinds.secret(TOKEN_CHARACTERS), "")
          .because("Bearer token for the admin API; if empty, the token in `admin.token-file`.");

  public static final Key<List<Path>> ADMIN_TOKEN_FILE =
      KEYS.key("admin.token-file", Kinds.path().<List<Path>>or("auto", List::of, List::of), "auto")
          .because(
              "Where the admin token is kept if none is set. A missing file is created with a random token that only its "
                  + "owner can read. `auto` takes the first of `$RUNTIME_DIRECTORY`, `$XDG_RUNTIME_DIR` and `/run/holdfast` "
                  + "that can be written.");

  public static final Key<Integer> ADMIN_FAILED_TRIES =
      KEYS.key("admin.failed-tries", Kinds.count(1, 1_000_000), "10")
          .because(
              "Number of wrong tokens that an address (IPv6: a /64) may send in `admin.failed-tries-window`. After that it gets 429, so tokens cannot be guessed.");

  public static final Key<Duration> ADMIN_FAILED_TRIES_WINDOW =
      KEYS.key("admin.failed-tries-window", Kinds.duration("1s", "1h"), "1m")
          .because(
              "How long wrong tokens count, from the first one. A longer window locks out attackers, and users who mistype, for longer.");

  public static final Key<String> PATH =
      KEYS.key("socketio.path", Addresses.path(), "/ws/socket.io/")
          .because(
              "The Socket.IO endpoint of Open WebUI, if a modified build serves it elsewhere.");

  public static final Key<List<String>> ORIGINS =
      KEYS.key("socketio.origins", Addresses.origin().list(";"), "")
          .openWebUi("CORS_ALLOW_ORIGIN")
          .because(
              "Origins of the pages and apps that may connect; if empty, only pages of the requested host. A trailing "
                  + "slash is ignored and `wss://` means `https://`. Apps have their own schemes, such as "
                  + "`capacitor://localhost`.");

  public static final Key<Duration> CONNECT_TIMEOUT =
      KEYS.key("socketio.connect-timeout", Kinds.duration("100ms", "10m"), "45s")
          .because("How long a client may take from the handshake to its CONNECT packet.");

  public static final Key<Duration> UPGRADE_TIMEOUT =
      KEYS.key("socketio.upgrade-timeout", Kinds.duration("100ms", "10m"), "10s")
          .because("How long a client may take to upgrade from polling to WebSocket.");

  public static final Key<Optional<Duration>> PING_INTERVAL =
      KEYS.key("socketio.ping-interval", Kinds.duration("100ms", "1h").or("announced"), "announced")
          .openWebUi("WEBSOCKET_SERVER_PING_INTERVAL")
          .because(
              "How often clients are pinged, instead of the interval that the upstream announces. Keep it below the idle timeout of proxies in front.");

  public static final Key<Optional<Duration>> PING_TIMEOUT =
      KEYS.key("socketio.ping-timeout", Kinds.duration("100ms", "1h").or("announced"), "announced")
          .openWebUi("WEBSOCKET_SERVER_PING_TIMEOUT")
          .because(
              "How long a client may take to answer a ping, instead of the timeout that the upstream announces.");

  public static final Key<Optional<Path>> CERTIFICATE =
      KEYS.key("tls.certificate", Kinds.file().or("none"), "none")
          .because("PEM certificate chain to serve HTTPS and WSS; reloaded when it changes.");

  public static final Key<Optional<Path>> PRIVATE_KEY =
      KEYS.key("tls.key", Kinds.file().or("none"), "none")
          .because(
              "PEM private key of the certificate: PKCS#8, PKCS#1 or SEC 1, without a password; RSA, EC on P-256, P-384 or P-521, or Ed25519. May be the same file.");

  public static final Key<String> MIN_VERSION =
      KEYS.key("tls.min-version", Kinds.word("1.2", "1.3"), "1.2")
          .because("Oldest TLS version that clients may use; 1.0 and 1.1 are broken.");

  private EdgeKeys() {}
}
