package dev.holdfast.protocol;

import static dev.holdfast.fuzz.Parser.again;
import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.fuzz.Parser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** The codecs of WebSocket, Engine.IO and Socket.IO. */
public final class ProtocolParsers {
  private static final PollingPayload.Limits LIMITS = new PollingPayload.Limits(1_000, 40);
  private static final PollingPayload.Limits UNLIMITED =
      new PollingPayload.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);
  private static final String NAME = "user-join";
  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonMapper MAPPER = new JsonMapper();

  private ProtocolParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(
        frameHeader(), mask(), text(), socketPacket(), eventName(), pollingPayload(), openPacket());
  }

  private static Parser frameHeader() {
    return Parser.of(
            "frame-header",
            input -> {
              boolean masked = input.length > 1 && input[1] < 0;
              new FrameHeader().read(ByteBuffer.wrap(input), 0, input.length, masked);
            },
            ProtocolParsers::readFrameHeader)
        .seeds(
            new byte[] {(byte) 0x81, 2, 'h', 'i'},
            new byte[] {(byte) 0x82, (byte) 0x84, 1, 2, 3, 4, 5, 6, 7, 8},
            new byte[] {2, 126, 1, 0, 9},
            new byte[] {(byte) 0x80, (byte) 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 5},
            new byte[] {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe8})
        .tokens("\u0001", "\u0002", "~", "\u007f", "\0\0\0\0", "\0");
  }

  private static void readFrameHeader(byte[] input, SplittableRandom random)
      throws ProtocolException {
    ByteBuffer bytes = ByteBuffer.wrap(input);
    FrameHeader frame = new FrameHeader();
    boolean masked = random.nextBoolean();
    int limit = random.nextInt(input.length + 1);
    if (!frame.read(bytes, 0, limit, masked)) {
      require(limit < FrameHeader.MAX_BYTES, "a longer header is whole");
      return;
    }
    require(frame.payload() <= limit && frame.length() >= 0, "it lies within its bytes");
    ByteBuffer written = ByteBuffer.allocate(FrameHeader.MAX_BYTES);
    if (masked) {
      FrameHeader.writeMasked(written, frame.opcode(), frame.length(), frame.maskKey());
    } else {
      FrameHeader.write(written, frame.opcode(), frame.length());
    }
    if (!frame.fin()) {
      written.put(0, (byte) (written.get(0) & 0x7F));
    }
    require(written.flip().equals(bytes.slice(0, frame.payload())), "what is written is the same");
  }

  private static Parser mask() {
    return Parser.of(
        "mask",
        input -> Mask.apply(ByteBuffer.wrap(input), 0, input.length, 0x01020304),
        (input, random) -> {
          int key = random.nextInt();
          ByteBuffer masked = ByteBuffer.wrap(input.clone());
          Mask.apply(masked, 0, input.length, key);
          for (int from = 0; from < input.length; ) {
            int to = from + 1 + random.nextInt(input.length - from);
            Mask.apply(masked, from, to, Mask.rotated(key, from));
            from = to;
          }
          require(masked.equals(ByteBuffer.wrap(input)), "it comes off in any parts");
        },
        "42[\"hello\"]",
        "a somewhat longer message, of more than a few words");
  }

  private static Parser text() {
    return Parser.of(
            "utf-8",
            input -> Utf8.check(ByteBuffer.wrap(input), 0, input.length, 0, Utf8.START),
            (input, random) -> {
              int key = random.nextInt();
              ByteBuffer masked = ByteBuffer.wrap(input.clone());
              Mask.apply(masked, 0, input.length, key);
              int state = Utf8.START;
              for (int from = 0; from < input.length && state != Utf8.INVALID; ) {
                int to = from + 1 + random.nextInt(input.length - from);
                state = Utf8.check(masked, from, to, Mask.rotated(key, from), state);
                from = to;
              }
              require((state == Utf8.START) == isUtf8(input), "the JDK says the same");
            },
            "plain text, é, €, \uD7FF, \uE000, 😀")
        .tokens("a", "plain text", "é", "€", "\uD7FF", "\uE000", "😀", "\0");
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }

  private static Parser socketPacket() {
    return Parser.of(
            "socket-packet",
            input -> new SocketPacketHeader().read(packet(input)),
            (input, random) -> {
              byte[] bytes = ("4" + latin(input)).getBytes(ISO_8859_1);
              SocketPacketHeader header = new SocketPacketHeader();
              boolean read = true;
              try {
                header.read(Messages.text(bytes, random.nextBoolean() ? 0 : random.nextInt()));
              } catch (ProtocolException refused) {
                read = false;
              }
              require(read == SocketPacketGrammar.matches(bytes), "the grammar says the same");
              require(!read || SocketPacketGrammar.describes(bytes, header), "its parts are those");
            },
            "0{\"token\":\"x\"}",
            "0/admin,{}",
            "0\"secret\"",
            "0 [1]",
            "07null",
            "2[\"a\"]",
            "2/a?b=1,12[\"a\",{}]",
            "312[]",
            "51-/admin,7[\"f\",{\"_placeholder\":true,\"num\":0}]",
            "61-0[]",
            "1",
            "4{\"message\":\"no\"}")
        .tokens(
            "0", "1", "2", "3", "4", "5", "6", "1-", "10-", "0-", "12345-", "-", "/", "/,",
            "/admin,", "/a?b=1,", "/?b=1,", "/€,", "[\"a\"]", "[]", "{}", "\"s\"", ",", "[", " ",
            "\n", "00", "null", "-5");
  }

  private static Message packet(byte[] input) {
    byte[] bytes = new byte[input.length + 1];
    bytes[0] = '4';
    System.arraycopy(input, 0, bytes, 1, input.length);
    return Messages.text(bytes, 0);
  }

  private static Parser eventName() {
    return Parser.of(
            "event-name",
            input -> EventName.is(Messages.text(input, 0), 0, NAME),
            (input, random) -> {
              Message event = Messages.text(input, random.nextInt());
              boolean named = EventName.is(event, 0, NAME);
              if (input.length == 0 || input[0] != '[') {
                return;
              }
              try (JsonParser json = JSON.createParser(utf8(input))) {
                json.nextToken();
                boolean text = json.nextToken() == JsonToken.VALUE_STRING;
                require(named == (text && json.getText().equals(NAME)), "JSON says the same");
              } catch (IOException malformed) {
                // Whatever it is: the upstream refuses it.
              }
            },
            "[\"user-join\",{}]",
            "[ \t\r\n\"user\\u002djoin\"]",
            "[\"\\u0075ser-join\"]",
            "[\"user-joined\"]")
        .tokens("[", "\"", "user", "-", "join", "\\u002d", "\\u002D", "\\u0075", "\\", " ", "\"]");
  }

  private static Parser pollingPayload() {
    return Parser.of(
            "polling-payload",
            input -> PollingPayload.decode(ByteBuffer.wrap(input), UNLIMITED),
            (input, random) -> {
              List<EnginePacket> packets = PollingPayload.decode(ByteBuffer.wrap(input), LIMITS);
              require(input.length <= LIMITS.bytes(), "it has no more bytes");
              require(packets.size() <= LIMITS.packets(), "it has no more packets");
              require(packets.isEmpty() == (input.length == 0), "only nothing has no packet");
              if (packets.isEmpty()) {
                return;
              }
              ByteBuffer encoded = PollingPayload.encode(packets);
              require(
                  again(() -> PollingPayload.decode(encoded, UNLIMITED)).equals(packets),
                  "what is written reads the same");
            },
            "4hello",
            "42[\"a\"]\u001e2\u001ebAQIDBA==",
            "3\u001e4€")
        .tokens(
            "4hello", "4", "2", "3", "b", "bAQIDBA==", "\u001e", "\u001e", "bé", "=", "\n", "-");
  }

  private static Parser openPacket() {
    return Parser.of(
            "session-id",
            input -> open(latin(input)),
            (input, random) -> {
              Optional<OpenPacket> packet = open(latin(input));
              require(
                  packet.isEmpty() || sidOf(packet.get()).equals(latin(input)),
                  "the client reads the same");
            },
            "a.lv_VI97HAXpY6yYWAAAB",
            "x")
        .tokens("a", "Z", "0", "-", "_", ".", "\"", "\\", "%");
  }

  private static Optional<OpenPacket> open(String sid) {
    try {
      return Optional.of(
          new OpenPacket(sid, true, Duration.ofSeconds(25), Duration.ofSeconds(20), 1_000_000));
    } catch (IllegalArgumentException declared) {
      return Optional.empty();
    }
  }

  private static String sidOf(OpenPacket packet) throws JsonProcessingException {
    return MAPPER.readTree(packet.encode().substring(1)).path("sid").asText();
  }
}
