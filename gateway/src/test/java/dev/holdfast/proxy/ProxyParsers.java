package dev.holdfast.proxy;

import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.fuzz.Parser;
import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What decides where a message ends, and which of its fields end here. */
public final class ProxyParsers {
  /** No head of a request has more. */
  private static final int MAX_FIELDS = 127;

  private ProxyParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(connection(), requestFraming(), responseFraming(), responseBody());
  }

  private static Parser connection() {
    return Parser.of(
            "connection-header",
            input -> HopByHop.of(lines(input)).ends("X-Any"),
            (input, random) -> {
              List<String> lines = lines(input);
              HopByHop connection = HopByHop.of(lines);
              boolean named =
                  lines.stream()
                      .flatMap(line -> Arrays.stream(line.split(",", -1)))
                      .anyMatch(name -> name.strip().equalsIgnoreCase("x-any"));
              require(connection.ends("X-Any") == named, "what it names ends here");
              require(
                  connection.ends("Transfer-Encoding") && connection.ends("te"), "some always do");
            },
            "keep-alive",
            "Upgrade, X-Any",
            "close\nTE, x-any ,, b")
        .tokens("keep-alive", "close", "x-any", "X-Any", ",", ", ", "\n", " ", "\t");
  }

  private static List<String> lines(byte[] input) {
    return Stream.of(latin(input).split("\n", -1)).limit(MAX_FIELDS).toList();
  }

  /** A line for {@code Content-Length}, one for {@code Transfer-Encoding}. */
  private static Parser requestFraming() {
    return Parser.of(
            "request-framing",
            ProxyParsers::ofRequest,
            (input, random) -> {
              Framing framing = ofRequest(input);
              String length = lines(input).get(0);
              require(
                  framing.kind() != Framing.Kind.FIXED
                      || Long.toString(framing.length())
                          .equals(length.replaceFirst("^0+(?=.)", "")),
                  "it is the length that it says");
            },
            "12",
            "\nchunked",
            "999999999999999999")
        .tokens("0", "1", "\n", "chunked", ", ", "identity", "+", "-", " ", "9");
  }

  private static Framing ofRequest(byte[] input) throws ProtocolException {
    List<String> lines = lines(input);
    HeaderMap headers = new HeaderMap();
    if (!lines.get(0).isEmpty()) {
      headers.put(Headers.CONTENT_LENGTH, lines.get(0));
    }
    lines.stream().skip(1).forEach(line -> headers.add(Headers.TRANSFER_ENCODING, line));
    return Framing.ofRequest(headers, true);
  }

  private static Parser responseFraming() {
    return Parser.of(
            "response-framing",
            ProxyParsers::ofResponse,
            (input, random) -> {
              Framing framing = ofResponse(input);
              require(framing.length() >= 0, "a length is positive");
              require(framing.length() < 1_000_000_000_000_000_000L, "and fits");
            },
            "Content-Length: 12\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Content-Length: 2\r\ncontent-length: 2\r\n")
        .tokens(
            "Content-Length: ",
            "Transfer-Encoding: ",
            "chunked",
            "gzip, ",
            "\r\n",
            "0",
            "1",
            "-1",
            ",",
            "Content-Length: 5\r\n");
  }

  private static Framing ofResponse(byte[] fields) throws ProtocolException {
    byte[] bytes = ("HTTP/1.1 200 OK\r\n" + latin(fields) + "\r\n").getBytes(ISO_8859_1);
    HttpResponseHead head =
        HttpResponseHead.parse(ByteBuffer.wrap(bytes), 0, bytes.length, Integer.MAX_VALUE);
    if (head == null) {
      throw new ProtocolException("the head goes on");
    }
    return Framing.ofResponse(head, false);
  }

  /** The first byte says which kind of body it is. */
  private static Parser responseBody() {
    return Parser.of(
            "body",
            input -> body(input).decode(ByteBuffer.wrap(input), 0, input.length),
            (input, random) -> {
              BodyDecoder decoder = body(input);
              int data = decoder.decode(ByteBuffer.wrap(input.clone()), 0, input.length);
              require(data >= 0 && data <= decoder.end(), "there is no more data than bytes");
              require(decoder.end() <= input.length, "it ends within them");
              for (var trailer : decoder.trailers()) {
                String name = trailer.name().toLowerCase(Locale.ROOT);
                require(!HopByHop.isAlways(name) && !name.equals("set-cookie"), "no such trailer");
              }
            },
            "5\r\nhello\r\n0\r\n\r\n",
            "1\r\na\r\n0\r\nSet-Cookie: a\r\nTransfer-Encoding: b\r\nEtag: c\r\n\r\n")
        .tokens("0\r\n", "1\r\na\r\n", "Set-Cookie: a\r\n", "X-Forwarded-For: b\r\n", "\r\n", ";");
  }

  private static BodyDecoder body(byte[] input) {
    return switch (input.length == 0 ? 0 : input[0] % 4) {
      case 2 -> new BodyDecoder.Fixed(input.length / 2);
      case 3 -> new BodyDecoder.UntilClose();
      default -> new BodyDecoder.Chunked(Trailers.OF_RESPONSE);
    };
  }
}
