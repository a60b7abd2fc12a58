package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.memory.TestQuotas;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** What a handler is told of a request's head, and what becomes of those that Undertow refuses. */
class HeadsIT {
  private static final int DEADLINE_MILLIS = 10_000;

  private final RecordingHttpListener listener = new RecordingHttpListener();
  private final LogLines log = new LogLines();
  private final XnioWorker worker;
  private final List<HttpPort> ports = new ArrayList<>();

  HeadsIT() throws IOException {
    worker = Xnio.getInstance().createWorker(OptionMap.EMPTY);
  }

  @AfterEach
  void close() {
    ports.forEach(HttpPort::close);
    worker.shutdownNow();
    log.close();
  }

  private Socket connect(OptionMap undertow) throws IOException {
    HttpPort port =
        HttpPort.open(
            new HttpPort.Setup(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                50,
                Optional.empty(),
                new HttpPort.Heads(16 * 1024, Duration.ofSeconds(10)),
                new HttpPort.Clients(TestQuotas.plenty(), address -> false, Optional.empty()),
                undertow),
            worker,
            listener,
            HeadsIT::tell);
    ports.add(port);
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.address().getPort());
    socket.setSoTimeout(DEADLINE_MILLIS);
    return socket;
  }

  /** Answers with what is known of the head. */
  private static void tell(HttpServerExchange exchange) {
    StringBuilder told = new StringBuilder();
    RequestTarget target = RequestTarget.of(exchange);
    told.append(target.origin()).append('\n');
    told.append(exchange.getRequestPath()).append('\n').append(exchange.getQueryString());
    for (HeaderValues field : exchange.getRequestHeaders()) {
      field.forEach(
          value -> told.append('\n').append(field.getHeaderName()).append(':').append(value));
    }
    exchange.getResponseSender().send(told.toString(), StandardCharsets.ISO_8859_1);
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String all(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private String told(String head) throws IOException {
    try (Socket socket = connect(OptionMap.EMPTY)) {
      send(socket, head);
      socket.shutdownOutput();
      String answer = all(socket);
      assertThat(answer).containsPattern("^HTTP/1\\.[01] 200 ");
      return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/?",
        "/??",
        "/?q=50%",
        "/c/50%",
        "/%",
        "/%zz%4?%",
        "/a;b=%?c;d",
        "/?a=b=c&&=&",
        "//a/../b/./%2F%00",
        "/a://b?c://d",
        "/\u00e4\u00ff?\u00e4",
        "/\"<>\\^`{|}#",
        "*",
      })
  void targetIsToldAsItIsWritten(String target) throws IOException {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    String query = question < 0 ? "" : target.substring(question + 1);

    assertThat(told("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"))
        .isEqualTo(target + "\n" + path + "\n" + query + "\nHost:h");
  }

  @ParameterizedTest
  @CsvSource({
    "http://h/a?b, /a?b",
    "http://h, /",
    "http://h?b, /?b",
    "HTTPS://h:1/50%, /50%",
  })
  void absoluteFormIsToldAsItsPath(String target, String origin) throws IOException {
    assertThat(told("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n")).startsWith(origin + "\n");
  }

  @Test
  void absoluteFormNamesTheHostOfARequestWithoutOne() throws IOException {
    assertThat(told("GET http://h:1/a HTTP/1.0\r\n\r\n")).endsWith("\nHost:h:1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a  b",
        "a\tb",
        "\u0001\u007f",
        "\u00e4\u00ff",
        "50%",
        "a, ,b",
        "\"",
      })
  void valueIsToldAsItIsWritten(String value) throws IOException {
    for (String name : List.of("X", "Cookie", "User-Agent")) {
      assertThat(told("GET / HTTP/1.1\r\nHost: h\r\n" + name + ": " + value + " \t\r\n\r\n"))
          .as(name)
          .contains("\n" + name + ":" + value);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "h", "H:80", "h:", "h:0", "h:99999", "[::", "a_b", "a,b", "\u00e4", "a%zz", "\""
      })
  void hostIsToldAsItIsWritten(String host) throws IOException {
    assertThat(told("GET / HTTP/1.1\r\nHost:\t" + host + " \r\n\r\n")).endsWith("\nHost:" + host);
  }

  @ParameterizedTest
  @ValueSource(strings = {"h/../", "a b", "a\tb", "a\u0001b", "a\u007f"})
  void hostThatIsMoreThanAHostIsRefused(String host) throws IOException {
    try (Socket socket = connect(OptionMap.EMPTY)) {
      send(socket, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");

      assertThat(all(socket)).startsWith("HTTP/1.1 400 ").endsWith("in Host\n");
    }
    assertThat(listener.refused).containsExactly("malformed");
  }

  @Test
  void linesOfOneNameAreToldOneByOne() throws IOException {
    assertThat(told("GET / HTTP/1.1\r\nHost: h\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n"))
        .contains("\nCookie:a=b\nCookie:c=d");
  }

  @Test
  void emptyLinesAndBlanksBeforeARequestCountForNothing() throws IOException {
    String empty = "\r\n".repeat(30);
    String head = "GET   /50%  HTTP/1.7\r\nHost: h\r\n\r\n";
    try (Socket socket = connect(OptionMap.EMPTY)) {
      send(socket, empty + head + empty + head + empty + "GET /last HTTP/1.0\r\n\r\n");

      assertThat(all(socket).split("HTTP/1.[01] 200 ", -1)).hasSize(4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1.1||true",
        "1.1|Connection: close|false",
        "1.1|Connection: CLOSE|false",
        "1.1|Connection: x, close|false",
        "1.1|Connection: close ,x|false",
        "1.1|Connection: keep-alive#Connection: close|false",
        "1.1|Connection: keep-alive, x|true",
        "1.1|Connection: closed|true",
        "1.0||false",
        "1.0|Connection: keep-alive|true",
        "1.0|Connection: x, Keep-Alive|true",
        "1.0|Connection: keep-alive, close|false",
      })
  void connectionStaysOpenAsItsListsSay(String version, String lines, boolean open)
      throws IOException {
    String fields = lines == null ? "" : lines.replace("#", "\r\n") + "\r\n";
    try (Socket socket = connect(OptionMap.EMPTY)) {
      send(socket, "GET /one HTTP/" + version + "\r\nHost: h\r\n" + fields + "\r\n");
      send(socket, "GET /two HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

      assertThat(all(socket).contains("/two")).isEqualTo(open);
    }
  }

  @Test
  void whatUndertowRefusesItselfIsAnsweredCountedAndLogged() throws IOException {
    try (Socket socket = connect(OptionMap.create(UndertowOptions.MAX_HEADERS, 3))) {
      send(socket, "GET / HTTP/1.1\r\nHost: h\r\n" + "X: y\r\n".repeat(9) + "\r\n");

      String answer = all(socket);
      assertThat(answer)
          .startsWith("HTTP/1.1 400 Bad Request\r\n")
          .endsWith("\r\n\r\nthe request cannot be read\n")
          .containsOnlyOnce("HTTP/1.1");
    }
    assertThat(listener.refused).containsExactly("malformed");
    assertThat(log.lines())
        .filteredOn(line -> line.startsWith("refused"))
        .containsExactly("refused a request of 127.0.0.1 (malformed): the request cannot be read");
  }
}
