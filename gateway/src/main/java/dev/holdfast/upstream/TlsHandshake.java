package dev.holdfast.upstream;

import dev.holdfast.config.Authority;
import dev.holdfast.config.IpLiteral;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * The TLS handshake on an open connection; sends the host name (SNI, RFC 6066 §3) and verifies it
 * (RFC 9110 §4.3.4). Confined to the connection's I/O thread.
 */
final class TlsHandshake {
  private final Dialer.Tls tls;
  private final SslConnection connection;
  private final Consumer<StreamConnection> done;
  private final Consumer<String> failed;
  private boolean ended;

  private TlsHandshake(
      Dialer.Tls tls,
      SslConnection connection,
      Consumer<StreamConnection> done,
      Consumer<String> failed) {
    this.tls = tls;
    this.connection = connection;
    this.done = done;
    this.failed = failed;
  }

  /** Calls exactly one of the callbacks, once; a failed connection is closed first. */
  static void begin(
      Dialer.Tls tls,
      URI uri,
      StreamConnection plain,
      Consumer<StreamConnection> done,
      Consumer<String> failed) {
    Authority where = Authority.of(uri);
    String host = where.host().startsWith("[") ? unbracketed(where.host()) : where.host();
    // The overload with a URI would resolve the host on this thread.
    SslConnection connection =
        tls.ssl()
            .wrapExistingConnection(
                plain,
                OptionMap.create(
                    Options.SSL_PEER_HOST_NAME, host, Options.SSL_PEER_PORT, where.port()));
    SSLEngine engine = UndertowXnioSsl.getSslEngine(connection);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setServerNames(serverNames(host));
    engine.setSSLParameters(parameters);
    new TlsHandshake(tls, connection, done, failed).start();
  }

  private static String unbracketed(String host) {
    return host.substring(1, host.length() - 1);
  }

  /**
   * Returns no name for an IP address, RFC 6066 §3, or for a name with {@code _}, as nodes may
   * have.
   */
  private static List<SNIServerName> serverNames(String host) {
    try {
      return IpLiteral.parse(host).isPresent() ? List.of() : List.of(new SNIHostName(host));
    } catch (IllegalArgumentException notOne) {
      return List.of();
    }
  }

  private void start() {
    connection.getHandshakeSetter().set(secured -> succeed());
    // Certificates are checked off this thread; a failure there only shows as a close.
    connection.getCloseSetter().set(closed -> fail(reason("closed in the TLS handshake")));
    connection.getSinkChannel().setWriteListener(sink -> drive());
    connection.getSourceChannel().setReadListener(source -> drive());
    try {
      connection.startHandshake();
      connection.getSinkChannel().resumeWrites();
      // Handshake bytes already in the conduit's buffer are delivered only to readers.
      connection.getSourceChannel().resumeReads();
    } catch (IOException problem) {
      fail(reason(String.valueOf(problem.getMessage())));
    }
  }

  /** An empty write makes the conduit read and write what the handshake needs. */
  private void drive() {
    try {
      if (!ended) {
        connection.getSinkChannel().write(ByteBuffer.allocate(0));
      }
    } catch (IOException problem) {
      fail(reason(String.valueOf(problem.getMessage())));
    }
  }

  private String reason(String otherwise) {
    return tls.failures()
        .of(UndertowXnioSsl.getSslEngine(connection))
        .map(refusal -> "its certificate is not trusted: " + refusal)
        .orElse(otherwise);
  }

  private void succeed() {
    if (!ended) {
      ended = true;
      connection.getHandshakeSetter().set(null);
      // The conduit has not finished its last step yet.
      connection.getIoThread().execute(this::handOver);
    }
  }

  private void handOver() {
    connection.getSinkChannel().suspendWrites();
    connection.getSinkChannel().setWriteListener(null);
    connection.getSourceChannel().suspendReads();
    connection.getSourceChannel().setReadListener(null);
    done.accept(connection);
  }

  private void fail(String problem) {
    if (!ended) {
      ended = true;
      IoUtils.safeClose(connection);
      failed.accept(problem);
    }
  }
}
