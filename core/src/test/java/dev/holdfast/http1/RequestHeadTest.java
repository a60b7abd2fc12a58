package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http1.RequestHead.Refusal;
import dev.holdfast.http1.RequestHead.Refused;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
  private static final String GOOD = "GET /a?b=c HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";
  private static final int LIMIT = 1000;

  private RequestHead head = new RequestHead(LIMIT, 10);

  /** Characters are bytes; {@code \r} and {@code \n} may be written so in a table. */
  private static ByteBuffer bytes(String text) {
    String plain =
        text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0");
    return ByteBuffer.wrap(plain.getBytes(StandardCharsets.ISO_8859_1));
  }

  private int read(String text) throws Refused {
    ByteBuffer all = bytes(text);
    return head.read(all, 0, all.limit());
  }

  private String verdict(String text) {
    try {
      return read(text) < 0 ? "unfinished" : "whole";
    } catch (Refused refused) {
      return refused.refusal() + ": " + refused.why();
    }
  }

  @Test
  void whatIsBehindAHeadIsNotRead() throws Refused {
    assertThat(read(GOOD + "GARBAGE\0")).isEqualTo(GOOD.length());
  }

  @Test
  void headMayComeInAnyTwoPieces() throws Refused {
    ByteBuffer all = bytes(GOOD);
    for (int cut = 1; cut < all.limit(); cut++) {
      head = new RequestHead(LIMIT, 10);

      assertThat(head.read(all, 0, cut)).as("cut at %s", cut).isNegative();
      assertThat(head.read(all, cut, all.limit())).as("cut at %s", cut).isEqualTo(all.limit());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.0\\r\\n\\r\\n",
        "\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n",
        "\\r\\n\\r\\n\\r\\n\\r\\n\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n",
        "GET   /   HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n",
        "GET / HTTP/1.2\\r\\nHost: h\\r\\n\\r\\n",
        "GET / HTTP/1.1\\r\\nHost: h\\r\\nX: a\u007f\u0001b\\r\\n\\r\\n",
        "GET http://h/a HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n",
        "OPTIONS * HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n",
        "GET /\u00e9\u00ff|^\"<>{}` HTTP/1.1\\r\\nHost:\\r\\n\\r\\n",
        "GET / HTTP/1.1\\r\\nHost: h\\r\\nX-Empty:\\r\\nX: \\t y \\t\\r\\nY: \u00e9\\r\\n\\r\\n",
        "POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 0\\r\\n\\r\\n",
        "POST / HTTP/1.1\\r\\nHost: h\\r\\nCONTENT-LENGTH:999999999999999999 \\r\\n\\r\\n",
        "POST / HTTP/1.1\\r\\nHost: h\\r\\ntransfer-encoding: Chunked\\r\\n\\r\\n",
      })
  void isWhole(String text) {
    assertThat(verdict(text)).isEqualTo("whole");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "\\0|no HTTP request",
        " GET / HTTP/1.1\\r\\n|no HTTP request",
        "G(T / HTTP/1.1\\r\\n|no HTTP request",
        "{\"json\":1}|no HTTP request",
        "\u0016\u0003\u0001|no HTTP request",
        "GETTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT|no HTTP request",
        "GET /\\t HTTP/1.1|a control character in the target",
        "GET /\\0 HTTP/1.1|a control character in the target",
        "GET /a b HTTP/1.1|no version of HTTP/1",
        "GET / HTTP/2.0|no version of HTTP/1",
        "GET / HTTP/1.1 \\r\\n|no version of HTTP/1",
        "GET / HTTP/1.1\\n|no version of HTTP/1",
        "GET / http/1.1\\r\\n|no version of HTTP/1",
        "GET / HTTP/1.1\\rX|a carriage return without a line feed",
        "GET / HTTP/1.1\\r\\n X: y|a blank before the first field",
        "GET / HTTP/1.1\\r\\nX: y\\r\\n z|a folded field",
        "GET / HTTP/1.1\\r\\nX: y\\r\\n\\tz|a folded field",
        "GET / HTTP/1.1\\r\\nX : y|a field name is no token",
        "GET / HTTP/1.1\\r\\n: y|a field name is no token",
        "GET / HTTP/1.1\\r\\nX\\r\\n|a field name is no token",
        "GET / HTTP/1.1\\r\\n\\n|a field name is no token",
        "GET / HTTP/1.1\\r\\nX: a\\0b|a line feed or a zero byte in a field value",
        "GET / HTTP/1.1\\r\\nX: a\\nb|a line feed or a zero byte in a field value",
        "GET / HTTP/1.1\\r\\nX: a\\rb|a carriage return without a line feed",
        "GET / HTTP/1.1\\r\\nX: y\\r\\n\\r\\n|no Host",
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nHost: a\\r\\n\\r\\n|more than one Host",
        "POST / HTTP/1.1\\r\\nContent-Length:\\r\\n|a malformed content length",
        "POST / HTTP/1.1\\r\\nContent-Length: +1\\r\\n|a malformed content length",
        "POST / HTTP/1.1\\r\\nContent-Length: 1, 1\\r\\n|a malformed content length",
        "POST / HTTP/1.1\\r\\nContent-Length: 0x1\\r\\n|a malformed content length",
        "POST / HTTP/1.1\\r\\nContent-Length: 1 1\\r\\n|a malformed content length",
        "POST / HTTP/1.1\\r\\nContent-Length: 1000000000000000000\\r\\n|a malformed content length",
        "POST / HTTP/1.1\\r\\nContent-Length: 5                         6\\r\\n|a malformed content length",
        "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked                         , x\\r\\n|a transfer coding other than chunked",
        "POST / HTTP/1.1\\r\\nTransfer-Encoding: gzip, chunked\\r\\n|a transfer coding other than chunked",
        "POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked;q=1\\r\\n|a transfer coding other than chunked",
        "POST / HTTP/1.1\\r\\nTransfer-Encoding: \"chunked\"\\r\\n|a transfer coding other than chunked",
        "POST / HTTP/1.1\\r\\nTransfer-Encoding: \u000bchunked\\r\\n|a transfer coding other than chunked",
        "POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 1\\r\\nContent-Length: 1\\r\\n\\r\\n|two fields that say where the body ends",
        "POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n|two fields that say where the body ends",
        "POST / HTTP/1.0\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n|a transfer coding in HTTP/1.0",
      })
  void isMalformed(String text, String why) {
    assertThat(verdict(text)).isEqualTo("MALFORMED: " + why);
  }

  @Test
  void limitIsExact() {
    String begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    String fits = begin + "y".repeat(LIMIT - begin.length() - 4) + "\r\n\r\n";

    assertThat(verdict(fits)).isEqualTo("whole");

    head = new RequestHead(LIMIT, 10);
    assertThat(verdict(fits.replace("\r\n\r\n", "y\r\n\r\n")))
        .isEqualTo("TOO_LARGE: a request's head is over 1000 bytes");
  }

  @Test
  void fieldsAreCounted() {
    String fields = "X: y\r\n".repeat(9);

    assertThat(verdict("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n")).isEqualTo("whole");

    head = new RequestHead(LIMIT, 10);
    assertThat(verdict("GET / HTTP/1.1\r\nHost: h\r\nX: y\r\n" + fields + "\r\n"))
        .isEqualTo("TOO_LARGE: a request has more than 10 fields");
  }

  /** The verdict does not depend on how the bytes come, and nothing else is thrown. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damagedHeadIsReadAlikeInPieces(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      ByteBuffer damaged = bytes(GOOD + "POST / HTTP/1.1\\r\\nContent-Length: 7\\r\\n\\r\\n");
      for (int hits = random.nextInt(4); hits >= 0; hits--) {
        damaged.put(
            random.nextInt(damaged.limit()),
            (byte) "\r\n :\t\0aZ9\u00ff".charAt(random.nextInt(10)));
      }
      head = new RequestHead(LIMIT, 10);
      String whole = inPieces(damaged, damaged.limit());
      head = new RequestHead(LIMIT, 10);

      assertThat(inPieces(damaged, 1 + random.nextInt(5)))
          .as("seed %s, %s", seed, i)
          .isEqualTo(whole);
    }
  }

  private String inPieces(ByteBuffer all, int size) {
    try {
      for (int from = 0; from < all.limit(); from += size) {
        int end = head.read(all, from, Math.min(all.limit(), from + size));
        if (end >= 0) {
          return "whole at " + end;
        }
      }
      return "unfinished";
    } catch (Refused refused) {
      return refused.refusal() == Refusal.MALFORMED ? refused.why() : "too large";
    }
  }
}
