package dev.holdfast.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponsePlanTest {
  private static final String OK = "HTTP/1.1 200 OK;";

  private final HttpServerExchange exchange = new HttpServerExchange(null);

  /** A head whose lines end with a semicolon here. */
  static HttpResponseHead head(String lines) throws ProtocolException {
    byte[] bytes = (lines + ";").replace(";", "\r\n").getBytes(ISO_8859_1);
    return Objects.requireNonNull(
        HttpResponseHead.parse(ByteBuffer.wrap(bytes), 0, bytes.length, bytes.length));
  }

  private ResponsePlan plan(String lines, boolean http11, boolean persistent)
      throws ProtocolException {
    exchange.setRequestMethod(Methods.GET);
    exchange.setProtocol(http11 ? Protocols.HTTP_1_1 : Protocols.HTTP_1_0);
    exchange.setPersistent(persistent);
    return ResponsePlan.of(head(lines), exchange, true);
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200 OK;Content-Length: 5;, true",
    "HTTP/1.1 200 OK;Transfer-Encoding: chunked;, true",
    "HTTP/1.0 200 OK;Content-Length: 5;, false",
    "HTTP/1.1 200 OK;Transfer-Encoding: chunked;Content-Length: 5;, false",
    "HTTP/1.1 200 OK;Content-Length: 5;Connection: x; , true",
    "HTTP/1.1 200 OK;Content-Length: 5;Connection: Close;, false",
    "HTTP/1.1 200 OK;, false",
  })
  void connectionToTheBackendIsUsedAgainOnlyIfItStaysInStep(String lines, boolean reusable)
      throws ProtocolException {
    assertThat(plan(lines, true, true).reusable()).isEqualTo(reusable);
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Length: 5;, true, true, true",
    "Content-Length: 5;, false, true, true",
    "Content-Length: 5;, true, false, false",
    "Transfer-Encoding: chunked;, true, true, true",
    "Transfer-Encoding: chunked;, false, true, false",
  })
  void clientsConnectionStaysOpenIfItWantsThatAndCanSeeTheEnd(
      String framing, boolean http11, boolean asked, boolean persistent) throws ProtocolException {
    assertThat(plan(OK + framing, http11, asked).persistent()).isEqualTo(persistent);
  }

  @Test
  void switchWithoutAProtocolNamesNone() throws Exception {
    var out = new HeadWriter();

    ResponsePlan.writeSwitch(out, head("HTTP/1.1 101 Go;X-A: 1;"), ByteBuffer.allocate(0));

    assertThat(ISO_8859_1.decode(out.toBuffer()).toString())
        .isEqualTo("HTTP/1.1 101 Go\r\nX-A: 1\r\nConnection: Upgrade\r\n\r\n");
  }

  /** What a full socket left of them; longer than the writer has room for, too. */
  @ParameterizedTest
  @ValueSource(ints = {0, 10, 5_000})
  void restOfAnInterimResponseGoesFirst(int length) throws Exception {
    String rest = "x".repeat(length);
    var out = new HeadWriter();
    ResponsePlan plan = plan(OK + "Date: x;Content-Length: 5;", true, true);

    plan.write(
        out,
        head(OK + "Date: x;Content-Length: 5;"),
        ByteBuffer.wrap(rest.getBytes(ISO_8859_1)),
        exchange);

    assertThat(ISO_8859_1.decode(out.toBuffer()).toString())
        .isEqualTo(rest + "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 5\r\n\r\n");
  }
}
