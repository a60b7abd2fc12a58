package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.http1.HttpResponseHead.Header;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunkDecoderTest {
  private static final String BODY = "3\r\nabc\r\n0A;ext=\"1\"\r\n0123456789\r\n0;x\r\n";
  private static final String TRAILERS = "X-Sum:  1 \r\nX-Empty:\r\n";

  @Test
  void dataIsMovedTogetherWhereItLies() throws Exception {
    ByteBuffer buffer = bytes("..." + BODY + "\r\nnext");
    var decoder = new ChunkDecoder();

    int length = decoder.decode(buffer, 3, buffer.limit());

    assertThat(text(buffer, 3, length)).isEqualTo("abc0123456789");
    assertThat(decoder.finished()).isTrue();
    assertThat(decoder.trailers()).isEmpty();
    assertThat(text(buffer, decoder.end(), 4)).isEqualTo("next");
  }

  @Test
  void trailersAreKept() throws Exception {
    ByteBuffer buffer = bytes(BODY + TRAILERS + "\r\n");
    var decoder = new ChunkDecoder();
    decoder.decode(buffer, 0, buffer.limit());

    assertThat(decoder.trailers())
        .containsExactly(new Header("X-Sum", "1"), new Header("X-Empty", ""));
  }

  @Test
  void piecesOfAnySizeDecodeToTheSame() throws Exception {
    String whole = BODY + TRAILERS + "\r\n";
    for (int piece = 1; piece < whole.length(); piece++) {
      var decoder = new ChunkDecoder();
      StringBuilder data = new StringBuilder();
      for (int at = 0; at < whole.length(); at += piece) {
        assertThat(decoder.finished()).isFalse();
        ByteBuffer buffer = bytes(whole.substring(at, Math.min(at + piece, whole.length())));
        data.append(text(buffer, 0, decoder.decode(buffer, 0, buffer.limit())));
      }
      assertThat(data).hasToString("abc0123456789");
      assertThat(decoder.finished()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\r\n'                       | malformed chunk size",
        "'g\r\n'                      | malformed chunk size",
        "'3 \r\n'                     | malformed chunk size",
        "'3\nabc'                     | malformed chunk size",
        "'\u00e9\r\n'                 | malformed chunk size",
        "'1234567890123456'           | chunk size has more than 15 digits",
        "'3\ra'                       | line of a chunked body does not end with CRLF",
        "'1\r\nab'                    | line of a chunked body does not end with CRLF",
        "'1\r\na\rb'                  | line of a chunked body does not end with CRLF",
        "'0\r\n\rx'                   | line of a chunked body does not end with CRLF",
        "'0\r\nA: b\rx'               | line of a chunked body does not end with CRLF",
        "'3;a\nb'                     | chunked body has a stray control character 10",
        "'0\r\nA: \u007f'             | chunked body has a stray control character 127",
        "'0\r\nA b: c\r\n'            | malformed trailer line",
        "'0\r\nnone\r\n'              | malformed trailer line",
        "'0\r\n: c\r\n'               | malformed trailer line",
      })
  void unclearBodyIsRefused(String body, String problem) {
    ByteBuffer buffer = bytes(body);

    assertThatThrownBy(() -> new ChunkDecoder().decode(buffer, 0, buffer.limit()))
        .isInstanceOf(ProtocolException.class)
        .hasMessage(problem);
  }

  @Test
  void extensionsAndTrailersAreBounded() {
    ByteBuffer extension = bytes("1;" + "x\t\u00e9".repeat(400));
    ByteBuffer trailers = bytes("0\r\nX: " + "x".repeat(8200));

    assertThatThrownBy(() -> new ChunkDecoder().decode(extension, 0, extension.limit()))
        .hasMessage("chunk extension has more than 1024 bytes");
    assertThatThrownBy(() -> new ChunkDecoder().decode(trailers, 0, trailers.limit()))
        .hasMessage("trailers have more than 8192 bytes");
  }

  @Test
  void onlyProtocolExceptionEscapesFromMutatedBodies() {
    long seed = 20261121;
    var random = new Random(seed);
    byte[] alphabet = "\r\n;: 0aF\0x".getBytes(StandardCharsets.US_ASCII);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      ByteBuffer buffer = bytes(BODY + TRAILERS + "\r\n");
      for (int n = random.nextInt(4); n >= 0; n--) {
        buffer.put(random.nextInt(buffer.limit()), alphabet[random.nextInt(alphabet.length)]);
      }
      try {
        new ChunkDecoder().decode(buffer, 0, buffer.limit());
      } catch (ProtocolException unclear) {
        refused++;
      } catch (RuntimeException escaped) {
        throw new AssertionError("seed " + seed + ", input " + i, escaped);
      }
    }
    assertThat(refused).isPositive();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String text(ByteBuffer buffer, int from, int length) {
    byte[] bytes = new byte[length];
    buffer.get(from, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
