package dev.holdfast.proxy;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.proxy.HeadWriter.IllegalCharacter;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Handles interim responses, RFC 9110 §10.1.1 and §15.2. Those of the backend are forwarded to
 * HTTP/1.1 clients. A client that waits for a 100 gets it from the backend, or from this proxy if
 * the backend sends none. Confined to its I/O thread.
 */
final class ExpectContinue {
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** How long curl waits for a 100 before it sends the body anyway. */
  private static final long TIMEOUT = Duration.ofSeconds(1).toNanos();

  private final ClientSide client;
  private final boolean http11;
  private ByteBuffer unsent = ByteBuffer.allocate(0);
  private boolean waiting;

  ExpectContinue(HttpServerExchange exchange, ClientSide client) {
    this.client = client;
    this.http11 = exchange.isHttp11();
    this.waiting = http11 && HttpContinue.requiresContinueResponse(exchange.getRequestHeaders());
  }

  /** Forwards an interim response; returns false if the client has disconnected. */
  boolean interim(HttpResponseHead head, HeadWriter out) throws IllegalCharacter {
    if (!http11 || (head.status() == 100 && !waiting)) {
      return true;
    }
    if (head.status() == 100) {
      waiting = false;
    }
    Heads.response(out.clear(), head, new Framing(Framing.Kind.NONE, 0));
    return send(out.text("\r\n").toBuffer());
  }

  /** Sends a 100 if the client has waited long enough; returns false if it has disconnected. */
  boolean remind(long idle) {
    if (!waiting || idle < TIMEOUT) {
      return true;
    }
    waiting = false;
    return send(ByteBuffer.wrap(CONTINUE));
  }

  private boolean send(ByteBuffer bytes) {
    try {
      if (!unsent.hasRemaining()) {
        client.sink().write(bytes);
        client.sink().flush();
      }
      ByteBuffer rest = ByteBuffer.allocate(unsent.remaining() + bytes.remaining());
      unsent = rest.put(unsent).put(bytes).flip();
      return true;
    } catch (IOException lost) {
      return false;
    }
  }

  /** Returns all bytes not written yet, which precede the response. */
  ByteBuffer unsent() {
    return unsent.duplicate();
  }
}
