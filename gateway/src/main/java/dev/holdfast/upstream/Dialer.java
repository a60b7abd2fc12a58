package dev.holdfast.upstream;

import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.tls.ClientTls;
import dev.holdfast.tls.TrustFailures;
import dev.holdfast.wire.ConnectCallback;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.xnio.OptionMap;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;

/**
 * Opens connections to one upstream for links, requests and checks; with {@code tls} for {@code
 * https}. Thread-safe.
 *
 * @param onError called when a connection was closed because its callback threw
 */
record Dialer(
    URI uri, AddressLookup addresses, Optional<Tls> tls, Duration timeout, Runnable onError) {
  /** The TLS client, and the certificate failures that it recorded. */
  record Tls(UndertowXnioSsl ssl, TrustFailures failures) {
    /**
     * Creates the client that {@code upstream.ca-file} describes.
     *
     * @throws IOException if the file cannot be read
     */
    static Tls of(Settings settings, Xnio xnio) throws IOException {
      TrustFailures failures = new TrustFailures();
      return new Tls(
          new UndertowXnioSsl(
              xnio,
              OptionMap.EMPTY,
              ClientTls.context(settings.get(UpstreamKeys.CA_FILE), failures)),
          failures);
    }
  }

  /** Creates a dialer for an upstream, with TLS if its URL has the scheme {@code https}. */
  static Dialer of(URI uri, AddressLookup addresses, Tls tls, Settings settings, Runnable onError) {
    return new Dialer(
        uri,
        addresses,
        "https".equalsIgnoreCase(uri.getScheme()) ? Optional.of(tls) : Optional.empty(),
        settings.get(UpstreamKeys.DIAL_TIMEOUT),
        onError);
  }

  /** Dials on this thread and invokes the callback there exactly once. */
  void dial(XnioIoThread thread, ConnectCallback callback) {
    Dial dial = new Dial(this, thread, callback);
    if (thread.equals(Thread.currentThread())) {
      dial.start();
    } else {
      thread.execute(dial::start);
    }
  }
}
