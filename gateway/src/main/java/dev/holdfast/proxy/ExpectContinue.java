package dev.holdfast.proxy;

import dev.holdfast.protocol.HttpResponseHead;
import dev.holdfast.proxy.HeadWriter.IllegalCharacter;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Interim responses, RFC 9110 §10.1.1 and §15.2: those of the backend are passed on to clients of
 * HTTP/1.1. A client that waits for a 100 gets it from the backend, or from us if the backend does
 * not say anything. Confined to its I/O thread.
 */
final class ExpectContinue {
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** As long as curl waits before it sends without being told to. */
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

  /** Passes an interim response on; false if the client is gone. */
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

  /** Tells the client to go on if it has waited long enough; false if it is gone. */
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

  /** What could not be written yet, to be written before the response; each time all of it. */
  ByteBuffer unsent() {
    return unsent.duplicate();
  }
}
