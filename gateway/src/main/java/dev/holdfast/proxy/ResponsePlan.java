package dev.holdfast.proxy;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.proxy.HeadWriter.IllegalCharacter;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.DateUtils;
import io.undertow.util.Methods;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * How a response is read and written. A body that the backend delimits by closing the connection is
 * written in chunks, so that the client can detect truncation. Immutable.
 *
 * @param chunked whether the client gets chunks
 * @param reusable whether the backend keeps its connection open after the response
 * @param persistent whether the client's connection stays open after it
 * @param http11 whether the client uses HTTP/1.1
 */
record ResponsePlan(
    Framing body, boolean chunked, boolean reusable, boolean persistent, boolean http11) {
  /**
   * Plans this response to this exchange.
   *
   * @param mayPersist whether the proxy has no reason to close the client's connection
   */
  static ResponsePlan of(HttpResponseHead head, HttpServerExchange exchange, boolean mayPersist)
      throws ProtocolException {
    boolean bodyless =
        exchange.getRequestMethod().equals(Methods.HEAD)
            || head.status() == 204
            || head.status() == 304;
    Framing body = Framing.ofResponse(head, bodyless);
    boolean unmeasured =
        body.kind() == Framing.Kind.CHUNKED || body.kind() == Framing.Kind.UNTIL_CLOSE;
    boolean http11 = exchange.isHttp11();
    return new ResponsePlan(
        body,
        unmeasured && http11,
        keepsOpen(head) && body.kind() != Framing.Kind.UNTIL_CLOSE,
        mayPersist && exchange.isPersistent() && (http11 || !unmeasured),
        http11);
  }

  private static boolean keepsOpen(HttpResponseHead head) {
    boolean both =
        head.first("Transfer-Encoding").isPresent() && head.first("Content-Length").isPresent();
    boolean open = head.minorVersion() == 1 && !both;
    for (String line : head.all("Connection")) {
      open &= !line.toLowerCase(Locale.ROOT).contains("close");
    }
    return open;
  }

  /** Writes the head for the client, after unwritten bytes of interim responses. */
  void write(HeadWriter out, HttpResponseHead head, ByteBuffer unsent, HttpServerExchange exchange)
      throws IllegalCharacter {
    Heads.response(out.clear().raw(unsent), head, body);
    if (head.first("Date").isEmpty()) {
      out.text("Date: ").text(DateUtils.getCurrentDateTime(exchange)).text("\r\n");
    }
    if (chunked) {
      out.text("Transfer-Encoding: chunked\r\n");
    }
    if (!persistent) {
      out.text("Connection: close\r\n");
    } else if (!http11) {
      out.text("Connection: keep-alive\r\n");
    }
    out.text("\r\n");
  }

  /** Writes the head of a 101 response. */
  static void writeSwitch(HeadWriter out, HttpResponseHead head, ByteBuffer unsent)
      throws IllegalCharacter {
    Heads.response(out.clear().raw(unsent), head, new Framing(Framing.Kind.NONE, 0));
    out.text("Connection: Upgrade\r\n");
    if (head.first("Upgrade").isPresent()) {
      out.header("Upgrade", head.first("Upgrade").get());
    }
    out.text("\r\n");
  }
}
