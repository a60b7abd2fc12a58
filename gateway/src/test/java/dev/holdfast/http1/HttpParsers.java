package dev.holdfast.http1;

import static dev.holdfast.fuzz.Parser.again;
import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.fuzz.Parser;
import dev.holdfast.http1.HttpResponseHead.Header;
import dev.holdfast.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The parts of HTTP/1 messages. */
public final class HttpParsers {
  private static final int MAX_HEAD = 3_000;
  private static final int MAX_FIELDS = 100;

  private static final Pattern FIELD =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\\r\\n\\x00]*");
  private static final Pattern REQUEST_LINE =
      Pattern.compile(
          "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} +([\\x21-\\x7e\\x80-\\xff]+) +HTTP/1\\.[0-9]");

  private HttpParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(requestHead(), responseHead(), tricklingHead(), chunks());
  }

  private static Parser requestHead() {
    return Parser.of(
            "request-head",
            input -> {
              try {
                new RequestHead(Integer.MAX_VALUE, Integer.MAX_VALUE)
                    .read(ByteBuffer.wrap(input), 0, input.length);
              } catch (RequestHead.Refused declared) {
                // Most are.
              }
            },
            HttpParsers::readRequestHead,
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nCookie: a=b; c=d\r\n\r\n",
            "\r\nPUT * HTTP/1.0\r\n\r\n",
            "\r\n\r\nGET  /50%?  HTTP/1.9\r\nhost: a  b\r\nCookie: a\r\nCookie: \u00e4\r\n\r\n",
            "POST / HTTP/1.1\r\nHost:\ta \r\nTransfer-Encoding: chunked\r\n\r\nbody")
        .tokens(
            "GET ",
            "/ ",
            "HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n",
            "Host: a\r\n",
            "Content-Length: 5\r\n",
            "Content-Length: 5" + " ".repeat(24),
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked" + " ".repeat(20),
            "A: b\r\n",
            "\r\n",
            "\r\n\r\n",
            " ",
            "\t",
            ", identity",
            ":");
  }

  private static void readRequestHead(byte[] input, SplittableRandom random) {
    String whole = outcome(input, input.length, random);
    require(whole.equals(outcome(input, 7, random)), "the pieces do not matter");
    int end = whole.startsWith("end ") ? Integer.parseInt(whole.substring(4)) : -1;
    String text = latin(input);
    int behind = text.indexOf("\r\n\r\n", leading(text)) + 4;
    boolean valid =
        behind > 3
            && behind <= MAX_HEAD
            && isValid(text.substring(leading(text), behind - 2).split("\r\n", -1));
    require(valid ? end == behind : end == -1, "RFC 9112 says the same: " + whole);
    if (valid) {
      isWrittenAndCovered(input, text.substring(leading(text), behind - 4).split("\r\n", -1), end);
    }
  }

  /** What is written can be told, and what covers it is a head of the same length and meaning. */
  private static void isWrittenAndCovered(byte[] input, String[] lines, int end) {
    ByteBuffer bytes = ByteBuffer.wrap(input.clone());
    try {
      RequestHead head = new RequestHead(MAX_HEAD, MAX_FIELDS);
      head.read(bytes, 0, end);
      WrittenHead written = head.written(bytes, 0);
      Matcher line = REQUEST_LINE.matcher(lines[0]);
      require(line.matches() && written.target().equals(line.group(1)), "the target is as written");
      List<String> fields =
          written.fields().stream().map(field -> field.name() + ":" + field.value()).toList();
      List<String> expected = Stream.of(lines).skip(1).map(HttpParsers::withoutBlanks).toList();
      require(fields.isEmpty() || fields.equals(expected), "the fields are as written");
      head.cover(bytes, 0);
      RequestHead again = new RequestHead(MAX_HEAD, MAX_FIELDS);
      require(again.read(bytes, 0, end) == end, "what covers it is whole");
      require(
          again.written(bytes, 0).host().isPresent() == written.host().isPresent(),
          "what covers it has the same fields");
    } catch (RequestHead.Refused refused) {
      require(Stream.of(lines).anyMatch(HttpParsers::isOddHost), refused.why());
    }
  }

  private static boolean isOddHost(String field) {
    String plain = withoutBlanks(field).toLowerCase(Locale.ROOT);
    return plain.startsWith("host:")
        && plain.chars().skip(5).anyMatch(c -> c <= ' ' || c == 0x7f || c == '/');
  }

  private static String withoutBlanks(String field) {
    // The request line may have no colon.
    int colon = field.indexOf(':');
    return field.substring(0, colon + 1)
        + field.substring(colon + 1).replaceAll("^[ \\t]+|[ \\t]+$", "");
  }

  /** Bytes of the empty lines before a request. */
  private static int leading(String text) {
    int lines = 0;
    while (text.startsWith("\r\n", 2 * lines)) {
      lines++;
    }
    return 2 * lines;
  }

  private static String outcome(byte[] input, int largest, SplittableRandom random) {
    RequestHead head = new RequestHead(MAX_HEAD, MAX_FIELDS);
    ByteBuffer bytes = ByteBuffer.wrap(input);
    try {
      for (int from = 0; from < input.length; ) {
        int to = Math.min(input.length, from + 1 + random.nextInt(largest));
        to = largest == input.length ? input.length : to;
        int end = head.read(bytes, from, to);
        if (end >= 0) {
          return "end " + end;
        }
        from = to;
      }
      return "goes on";
    } catch (RequestHead.Refused refused) {
      return refused.refusal() + ": " + refused.why();
    }
  }

  /** Lines of a head, of which the last one is empty. */
  private static boolean isValid(String[] lines) {
    if (!REQUEST_LINE.matcher(lines[0]).matches() || lines.length - 2 > MAX_FIELDS) {
      return false;
    }
    boolean http11 = !lines[0].endsWith("0");
    int hosts = 0;
    int framings = 0;
    for (int i = 1; i < lines.length - 1; i++) {
      if (!FIELD.matcher(lines[i]).matches()) {
        return false;
      }
      int colon = lines[i].indexOf(':');
      String value = lines[i].substring(colon + 1).replaceAll("^[ \\t]+|[ \\t]+$", "");
      switch (lines[i].substring(0, colon).toLowerCase(Locale.ROOT)) {
        case "host" -> hosts++;
        case "content-length" -> framings += value.matches("[0-9]{1,18}") ? 1 : 9;
        case "transfer-encoding" -> framings += value.equalsIgnoreCase("chunked") && http11 ? 1 : 9;
        default -> {
          // Any other field.
        }
      }
    }
    return framings < 2 && (http11 ? hosts == 1 : hosts < 2);
  }

  /** A response's head of which one byte comes at a time. */
  private static Parser tricklingHead() {
    return Parser.of(
            "trickling-response-head",
            HttpParsers::trickle,
            HttpParsers::readResponseHead,
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a\r\n\r\nhi",
            "HTTP/1.0 404\r\n\r\n")
        .tokens("HTTP/1.1 200 OK\r\n", "A: b\r\n", "\r\n", "\r", "\n", "A: ", "b");
  }

  private static void trickle(byte[] input) throws ProtocolException {
    HttpResponseHead.Search search = new HttpResponseHead.Search();
    ByteBuffer bytes = ByteBuffer.wrap(input);
    for (int to = 1; to <= input.length; to++) {
      if (search.parse(bytes, 0, to, Integer.MAX_VALUE) != null) {
        return;
      }
    }
  }

  private static Parser responseHead() {
    return Parser.of(
            "response-head",
            input ->
                HttpResponseHead.parse(ByteBuffer.wrap(input), 0, input.length, Integer.MAX_VALUE),
            HttpParsers::readResponseHead,
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nhi",
            "HTTP/1.0 404\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade:\twebsocket \r\n\r\n")
        .tokens(
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.0 200\r\n",
            "HTTP/2 2\r\n",
            "A: b\r\n",
            "x-a:\r\n",
            " ",
            "\n",
            "\r",
            "\r\n\r\n",
            "body");
  }

  private static void readResponseHead(byte[] input, SplittableRandom random)
      throws ProtocolException {
    HttpResponseHead head =
        HttpResponseHead.parse(ByteBuffer.wrap(input), 0, input.length, MAX_HEAD);
    if (head == null) {
      return;
    }
    require(head.end() <= MAX_HEAD && head.end() <= input.length, "it lies within its bytes");
    require(head.status() >= 100 && head.status() <= 999, "it has a status of three digits");
    require(head.headers().size() <= head.end() / 3, "it has no more fields than bytes for them");
    ByteBuffer moved = ByteBuffer.allocate(input.length + 5).put(5, input);
    Optional<HttpResponseHead> found = again(() -> inPieces(moved, input.length, random));
    require(
        found.map(HttpResponseHead::end).equals(Optional.of(head.end() + 5)),
        "the pieces do not matter");
    require(isSame(found, head), "the pieces do not matter to the fields");
    StringBuilder again = new StringBuilder("HTTP/1." + head.minorVersion() + " ");
    again.append(head.status()).append(' ').append(head.reason()).append("\r\n");
    for (Header each : head.headers()) {
      again.append(each.name()).append(": ").append(each.value()).append("\r\n");
    }
    byte[] written = again.append("\r\n").toString().getBytes(ISO_8859_1);
    Optional<HttpResponseHead> read =
        again(() -> head(ByteBuffer.wrap(written), 0, written.length));
    require(isSame(read, head), "what is written reads the same");
  }

  private static boolean isSame(Optional<HttpResponseHead> one, HttpResponseHead other) {
    return one.map(HttpResponseHead::headers).equals(Optional.of(other.headers()));
  }

  private static Optional<HttpResponseHead> head(ByteBuffer bytes, int from, int to)
      throws ProtocolException {
    return Optional.ofNullable(HttpResponseHead.parse(bytes, from, to, 2 * MAX_HEAD));
  }

  private static Optional<HttpResponseHead> inPieces(
      ByteBuffer bytes, int length, SplittableRandom random) throws ProtocolException {
    HttpResponseHead.Search search = new HttpResponseHead.Search();
    Optional<HttpResponseHead> found = Optional.empty();
    for (int to = 0; found.isEmpty() && to < length; ) {
      to = Math.min(length, to + 1 + random.nextInt(40));
      found = Optional.ofNullable(search.parse(bytes, 5, 5 + to, 2 * MAX_HEAD));
    }
    return found;
  }

  private static Parser chunks() {
    return Parser.of(
            "chunks",
            input -> new ChunkDecoder().decode(ByteBuffer.wrap(input), 0, input.length),
            (input, random) -> {
              String whole = decoded(input, Math.max(1, input.length), random);
              require(whole.equals(decoded(input, 7, random)), "the pieces do not matter");
              byte[] coded = coded(input, random);
              String data = decoded(coded, 50, random);
              require(data.equals("end " + coded.length + " " + latin(input)), "data comes back");
            },
            "5\r\nhello\r\n0\r\n\r\n",
            "a;name=\"value\"\r\n0123456789\r\n00\r\nTrailer: x\r\nEtag: \"y\"\r\n\r\nnext",
            "1\r\na\r\nF\r\n012345678901234\r\n0\r\n\r\n")
        .tokens("1\r\na\r\n", "0\r\n", "\r\n", "5", "f", ";a=b", "\n", "A: b\r\n", ":", "hello");
  }

  /** The result: the data, and where it ends or why it is refused. */
  private static String decoded(byte[] input, int largest, SplittableRandom random) {
    ChunkDecoder decoder = new ChunkDecoder();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    ByteBuffer bytes = ByteBuffer.wrap(input.clone());
    int at = 0;
    try {
      while (at < input.length && !decoder.finished()) {
        int to =
            largest >= input.length
                ? input.length
                : Math.min(input.length, at + 1 + random.nextInt(largest));
        data.write(bytes.array(), at, decoder.decode(bytes, at, to));
        at = decoder.end();
      }
    } catch (ProtocolException refused) {
      return "refused " + refused.getMessage();
    }
    List<Header> trailers = new ArrayList<>(decoder.finished() ? decoder.trailers() : List.of());
    return (decoder.finished() ? "end " : "goes on ")
        + at
        + " "
        + latin(data.toByteArray())
        + (trailers.isEmpty() ? "" : trailers);
  }

  private static byte[] coded(byte[] data, SplittableRandom random) {
    ByteArrayOutputStream coded = new ByteArrayOutputStream();
    for (int from = 0; from < data.length; ) {
      int length = 1 + random.nextInt(data.length - from);
      coded.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(US_ASCII));
      coded.write(data, from, length);
      coded.writeBytes("\r\n".getBytes(US_ASCII));
      from += length;
    }
    coded.writeBytes("0\r\n\r\n".getBytes(US_ASCII));
    return coded.toByteArray();
  }
}
