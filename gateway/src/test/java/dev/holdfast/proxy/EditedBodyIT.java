package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A body that is changed on its way, by an editor that puts "longer" in the place of "short". */
@SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
class EditedBodyIT {
  private static final String GET = "GET /edited HTTP/1.1\r\nHost: chat.example\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nDate: x\r\nX-A: 1\r\n";

  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final ProxyFixture proxy;
  private final RawPeer client;

  EditedBodyIT() throws IOException {
    proxy = ProxyFixture.editing(this::edit);
    client = proxy.client();
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  private Optional<ResponseEditor.Edit> edit(ExchangeObserver.Request request) {
    return request.target().equals("/edited") ? Optional.of(new Longer()) : Optional.empty();
  }

  private final class Longer implements ResponseEditor.Edit {
    @Override
    public Optional<byte[]> edited(byte[] body) {
      String text = new String(body, StandardCharsets.ISO_8859_1);
      events.add("edit " + text.length());
      return text.contains("short")
          ? Optional.of(text.replace("short", "longer").getBytes(StandardCharsets.ISO_8859_1))
          : Optional.empty();
    }

    @Override
    public void impossible(ResponseEditor.Obstacle obstacle) {
      events.add(obstacle.name());
    }
  }

  private RawPeer ask(String... lines) {
    client.send(GET + String.join("", lines) + "\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    return upstream;
  }

  private static String length(int bytes) {
    return "Content-Length: " + bytes + "\r\n";
  }

  @Test
  void lengthIsThatOfTheNewBody() {
    RawPeer upstream = ask();
    upstream.send(OK + length(7) + "X-B: 2\r\n\r\na short");

    assertThat(client.head()).isEqualTo(OK + length(8) + "X-B: 2\r\n\r\n");
    assertThat(client.exactly(8)).isEqualTo("a longer");
    client.send(GET + "\r\n");
    upstream.head();
    upstream.send(OK + length(5) + "\r\nother");
    assertThat(client.response()).endsWith("\r\n\r\nother");
    assertThat(events).containsExactly("edit 7", "edit 5");
  }

  @Test
  void bodyMayComeInAnyPieces() {
    String all = OK + "Transfer-Encoding: chunked\r\n\r\n3\r\na s\r\n4\r\nhort\r\n0\r\n\r\n";
    RawPeer upstream = ask();
    for (int i = 0; i < all.length(); i++) {
      upstream.send(all.substring(i, i + 1));
    }

    assertThat(client.head()).isEqualTo(OK + length(8) + "\r\n");
    assertThat(client.exactly(8)).isEqualTo("a longer");
  }

  @Test
  void interimResponsesGoFirst() {
    ask().send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + length(5) + "\r\nshort");

    assertThat(client.head()).startsWith("HTTP/1.1 103 ");
    assertThat(client.response()).endsWith("\r\n\r\nlonger");
  }

  @Test
  void clientOfHttp10GetsItToo() {
    RawPeer old = proxy.client();
    old.send("GET /edited HTTP/1.0\r\n\r\n");
    RawPeer upstream = proxy.accept();
    upstream.head();
    upstream.send(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n\r\n");

    String head = old.head();
    assertThat(RawPeer.header(head, "Content-Length")).isEqualTo("6");
    assertThat(old.rest()).isEqualTo("longer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "GZIP"})
  void codingIsTakenOffAndPutOnAgain(String coding) throws IOException {
    RawPeer upstream = ask("Accept-Encoding: gzip\r\n");
    byte[] body = compressed("short " + "x".repeat(60_000));
    upstream.send(OK + "Content-Encoding: " + coding + "\r\n" + length(body.length) + "\r\n");
    upstream.send(body);

    String head = client.head();
    assertThat(RawPeer.header(head, "Content-Encoding")).isEqualTo(coding);
    byte[] got = client.body(head).getBytes(StandardCharsets.ISO_8859_1);
    try (var in = new GZIPInputStream(new ByteArrayInputStream(got))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
          .isEqualTo("longer " + "x".repeat(60_000));
    }
  }

  private static byte[] compressed(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip, deflate, br, zstd | gzip",
        "br;q=1.0, gzip;q=0.8, *;q=0.1 | gzip;q=0.8",
        "br | identity",
        "* | identity",
        "identity;q=0.5, br | identity;q=0.5",
        "X-GZIP | X-GZIP",
      })
  void backendIsAskedForWhatCanBeRead(String accepted, String asked) {
    client.send(GET + "Accept-Encoding: " + accepted + "\r\n\r\n");

    assertThat(RawPeer.header(proxy.accept().head(), "Accept-Encoding")).isEqualTo(asked);
  }

  @Test
  void requestsOfOthersAreLeftAlone() {
    client.send("GET /other HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\n\r\n");
    RawPeer upstream = proxy.accept();

    assertThat(upstream.head()).contains("Accept-Encoding: br, gzip\r\n");
    upstream.send(OK + length(10_000_000) + "\r\nshort");
    assertThat(client.head()).contains(length(10_000_000));
    assertThat(client.exactly(5)).as("nothing is held").isEqualTo("short");
    assertThat(events).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 401 No                             | STATUS",
        "HTTP/1.1 206 Part;Content-Range: bytes 0-4/9 | STATUS",
        "HTTP/1.1 200 OK;Content-Encoding: br        | CODING",
        "HTTP/1.1 200 OK;Content-Encoding: gzip, br  | CODING",
        "HTTP/1.1 200 OK;Content-Encoding: gzip      | CODING",
      })
  void whatCannotBeReadPassesAsItIs(String lines, String obstacle) {
    String head = lines.replace(";", "\r\n") + "\r\nDate: x\r\n" + length(5) + "\r\n";

    ask().send(head + "short");

    assertThat(client.head()).isEqualTo(head);
    assertThat(client.exactly(5)).isEqualTo("short");
    assertThat(events).containsExactly(obstacle);
  }

  @Test
  void bodyWithoutAnEndOfItsOwnPassesAsItIs() throws IOException {
    RawPeer upstream = ask();
    upstream.send(OK + "\r\nshort");
    upstream.close();

    assertThat(client.head()).contains("Transfer-Encoding: chunked");
    assertThat(client.until("0\r\n\r\n")).isEqualTo("5\r\nshort\r\n0\r\n\r\n");
    assertThat(events).containsExactly("FRAMING");
  }

  @Test
  void trailersPass() {
    ask().send(OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\nX-T: 1\r\n\r\n");

    client.head();
    assertThat(client.until("\r\n\r\n")).isEqualTo("5\r\nshort\r\n0\r\nX-T: 1\r\n\r\n");
    assertThat(events).containsExactly("FRAMING");
  }

  @ParameterizedTest
  @ValueSource(ints = {65_480, 65_488, 65_489, 70_000, 1_000_000})
  void bodyOfAnyLengthArrivesWhole(int length) {
    String body = "short" + "x".repeat(length - 5);
    ask().send(OK + length(length) + "\r\n" + body);

    String response = client.response();

    boolean held = length <= 65_488;
    assertThat(events).containsExactly(held ? "edit " + length : "FRAMING");
    assertThat(response).endsWith(held ? body.replace("short", "longer") : body);
  }

  @Test
  void chunksOfAnyLengthArriveWhole() {
    String body = "short" + "x".repeat(199_995);
    RawPeer upstream = ask();
    upstream.send(
        OK + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(200_000) + "\r\n");
    upstream.send(body + "\r\n0\r\n\r\n");

    assertThat(client.head()).contains("Transfer-Encoding: chunked");
    StringBuilder got = new StringBuilder();
    for (int size = size(client); size > 0; size = size(client)) {
      got.append(client.exactly(size));
      client.exactly(2);
    }
    assertThat(got.toString()).isEqualTo(body);
    assertThat(events).containsExactly("FRAMING");
  }

  private static int size(RawPeer chunks) {
    return Integer.parseInt(chunks.until("\r\n").strip(), 16);
  }

  @Test
  void bodyThatBreaksIsNotTakenForAWholeOne() throws IOException {
    RawPeer upstream = ask();
    upstream.send(OK + length(100) + "\r\nshort");
    upstream.close();

    assertThat(client.head()).startsWith("HTTP/1.1 502 ");
    assertThat(events).isEmpty();
  }

  @Test
  void whatDecompressesToFarTooMuchPassesAsItIs() throws IOException {
    byte[] bomb = compressed("short" + "x".repeat(10_000_000));
    assertThat(bomb.length).isLessThan(60_000);
    RawPeer upstream = ask();
    upstream.send(OK + "Content-Encoding: gzip\r\n" + length(bomb.length) + "\r\n");
    upstream.send(bomb);

    String head = client.head();
    assertThat(client.body(head)).isEqualTo(new String(bomb, StandardCharsets.ISO_8859_1));
    assertThat(events).containsExactly("CODING");
  }
}
