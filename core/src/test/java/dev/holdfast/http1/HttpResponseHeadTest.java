package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.http1.HttpResponseHead.Header;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpResponseHeadTest {
  private static final int LIMIT = 1024;
  private static final String HEAD =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-A:\t one \r\nx-a:\r\n\r\n";

  @Test
  void readsStatusReasonAndHeadersInOrder() throws Exception {
    var head = parse(HEAD + "body");

    assertThat(head.status()).isEqualTo(101);
    assertThat(head.minorVersion()).isEqualTo(1);
    assertThat(head.reason()).isEqualTo("Switching Protocols");
    assertThat(head.headers())
        .containsExactly(
            new Header("Upgrade", "websocket"), new Header("X-A", "one"), new Header("x-a", ""));
    assertThat(head.end()).isEqualTo(HEAD.length());
  }

  @Test
  void findsHeadersWhateverTheirCase() throws Exception {
    var head = parse(HEAD);

    assertThat(head.first("upgrade")).contains("websocket");
    assertThat(head.first("missing")).isEmpty();
    assertThat(head.all("X-a")).containsExactly("one", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 \r\n\r\n",
        "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
      })
  void reasonMayBeMissing(String text) throws Exception {
    assertThat(parse(text).status()).isEqualTo(200);
    assertThat(parse(text).headers()).isEmpty();
  }

  @Test
  void valuesKeepTheirBytes() throws Exception {
    assertThat(parse("HTTP/1.1 200 \u00e9\r\nX: \u00ff\u0080\r\n\r\n").first("x"))
        .contains("\u00ff\u0080");
  }

  @Test
  void headIsFoundWhereverItStartsAndIsCut() throws Exception {
    ByteBuffer buffer = bytes("\r\n\r\n" + HEAD + "\r\n\r\n");
    int from = 4;
    int end = from + HEAD.length();

    HttpResponseHead.Search search = new HttpResponseHead.Search();
    for (int to = from; to < end; to++) {
      assertThat(HttpResponseHead.parse(buffer, from, to, LIMIT)).isNull();
      assertThat(search.parse(buffer, from, to, LIMIT)).isNull();
    }
    assertThat(Objects.requireNonNull(search.parse(buffer, from, end, LIMIT)).end()).isEqualTo(end);
    for (int to = end; to <= buffer.limit(); to++) {
      var head = HttpResponseHead.parse(buffer, from, to, LIMIT);
      assertThat(Objects.requireNonNull(head).end()).isEqualTo(end);
    }
  }

  @Test
  void headMayBeAsLargeAsTheLimitAndNoLarger() throws Exception {
    assertThat(HttpResponseHead.parse(bytes(HEAD), 0, HEAD.length(), HEAD.length())).isNotNull();
    assertThatThrownBy(
            () -> HttpResponseHead.parse(bytes(HEAD), 0, HEAD.length(), HEAD.length() - 1))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("response head is larger than " + (HEAD.length() - 1) + " bytes");
    assertThatThrownBy(() -> HttpResponseHead.parse(bytes(HEAD), 0, 21, 20))
        .isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.x 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 +20 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
      })
  void malformedStatusLineIsRefused(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("malformed status line");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A : b",
        ": b",
        "Ab",
        "A\u00e9: b",
        " folded: b",
        "A: b\r\n\tfolded",
        "A(: b",
        "A\tB: c",
      })
  void malformedHeaderLineIsRefused(String line) {
    assertThatThrownBy(() -> parse("HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("malformed header line in a response");
  }

  @ParameterizedTest
  @ValueSource(strings = {"A: b\nC: d", "A: b\rC: d", "A: \0", "A: b\n"})
  void strayControlCharacterIsRefused(String line) {
    assertThatThrownBy(() -> parse("HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n"))
        .isInstanceOf(ProtocolException.class)
        .hasMessageStartingWith("response head has a stray control character");
  }

  @Test
  void headWithBareLineFeedsIsRefusedBeforeItsEnd() {
    assertThatThrownBy(() -> parse("HTTP/1.1 200 OK\nA: b\n\n"))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("response head has a stray control character 10");
  }

  private static HttpResponseHead parse(String text) throws ProtocolException {
    return Objects.requireNonNull(HttpResponseHead.parse(bytes(text), 0, text.length(), LIMIT));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
