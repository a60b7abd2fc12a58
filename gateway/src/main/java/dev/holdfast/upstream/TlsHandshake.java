package dev.holdfast.upstream;

import io.undertow.UndertowOptions;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * The TLS handshake on a connection that was opened, with the host name sent (SNI, RFC 6066 §3) and
 * verified (RFC 9110 §4.3.4). Confined to the connection's I/O thread.
 */
final class TlsHandshake {
  private static final OptionMap VERIFY_HOST =
      OptionMap.create(UndertowOptions.ENDPOINT_IDENTIFICATION_ALGORITHM, "HTTPS");

  private final SslConnection connection;
  private final Consumer<StreamConnection> done;
  private final Consumer<String> failed;
  private boolean ended;

  private TlsHandshake(
      SslConnection connection, Consumer<StreamConnection> done, Consumer<String> failed) {
    this.connection = connection;
    this.done = done;
    this.failed = failed;
  }

  /** Calls one of the two, once; a failed connection has been closed. */
  static void begin(
      UndertowXnioSsl tls,
      URI uri,
      StreamConnection plain,
      Consumer<StreamConnection> done,
      Consumer<String> failed) {
    SslConnection connection = tls.wrapExistingConnection(plain, VERIFY_HOST, uri);
    new TlsHandshake(connection, done, failed).start();
  }

  private void start() {
    connection.getHandshakeSetter().set(secured -> succeed());
    // Certificates are checked off this thread; what fails there shows here only as a close.
    connection
        .getCloseSetter()
        .set(closed -> fail("closed in the TLS handshake, or its certificate is not trusted"));
    connection.getSinkChannel().setWriteListener(sink -> drive());
    connection.getSourceChannel().setReadListener(source -> drive());
    try {
      connection.startHandshake();
      connection.getSinkChannel().resumeWrites();
      // Bytes of the handshake that are already in the conduit's buffer come to readers only.
      connection.getSourceChannel().resumeReads();
    } catch (IOException problem) {
      fail(String.valueOf(problem.getMessage()));
    }
  }

  /** Writing nothing lets the conduit read and write what the handshake needs. */
  private void drive() {
    try {
      if (!ended) {
        connection.getSinkChannel().write(ByteBuffer.allocate(0));
      }
    } catch (IOException problem) {
      fail("the TLS handshake failed: " + problem.getMessage());
    }
  }

  private void succeed() {
    if (!ended) {
      ended = true;
      connection.getHandshakeSetter().set(null);
      // The conduit is still in the middle of its last step.
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
