package dev.holdfast.session;

import static dev.holdfast.fuzz.Parser.again;
import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.fuzz.Parser;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** What a session reads of its packets. */
public final class SessionParsers {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** What no counter of a session comes to. */
  private static final long LARGEST = 1_000_000_000_000_000_000L;

  private SessionParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(offset(), argument(), reply(), ackId());
  }

  private static Message message(byte[] packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
  }

  private static Parser offset() {
    return Parser.of(
            "offset",
            input -> new Offsets("tag").read(utf8(input)),
            (input, random) -> {
              long counter = new Offsets("tag").read(utf8(input));
              require(counter >= -1 && counter < LARGEST, "it is a counter");
              require(
                  counter < 0
                      || utf8(input).replaceFirst("\\.0+(?=.)", ".").equals("tag." + counter),
                  "it is the counter that it says");
            },
            "tag.7",
            "tag.999999999999999999")
        .tokens("tag", ".", "0", "9", "7", "-", "é");
  }

  private static Parser argument() {
    return Parser.of(
            "offset-argument",
            input -> new Offsets("tag").endOf(message(input)),
            (input, random) -> {
              Message event = message(input);
              long counter = new Offsets("tag").endOf(event);
              require(counter >= -1 && counter < LARGEST, "it is a counter");
              require(
                  counter < 0 || (utf8(input).endsWith("\"]") && utf8(input).contains("\"tag.")),
                  "it is the last argument");
            },
            "42[\"events\",{},\"tag.7\"]",
            "42[\"~o\",\"tag.999999999999999999\"]")
        .tokens("42[", "\"tag.", "9", "0", "\"]", "\"", "~o", ",");
  }

  private static Parser reply() {
    return Parser.of(
            "connect-reply-pid",
            ConnectReply::isExtensible,
            (input, random) -> {
              if (ConnectReply.isExtensible(input)) {
                byte[] extended = ConnectReply.withPid(input, "a.pid");
                JsonNode before = json(input);
                JsonNode after = json(extended);
                require(
                    !before.isObject() || after.path("pid").asText().equals("a.pid"),
                    "the client reads it");
              }
            },
            "40{\"sid\":\"s\"}",
            "40/,{\"sid\":\"s\",\"x\":[{}]}")
        .tokens("40", "{", "}", "\"sid\":", "\"s\"", ",", "[", "]", "\"");
  }

  private static JsonNode json(byte[] packet) {
    try {
      return JSON.readTree(utf8(packet).substring(Math.max(0, utf8(packet).indexOf('{'))));
    } catch (JsonProcessingException malformed) {
      return JSON.missingNode();
    }
  }

  private static Parser ackId() {
    return Parser.of(
            "ack-id",
            input -> {
              SocketPacketHeader header = new SocketPacketHeader();
              Message packet = message(input);
              header.read(packet);
              AckIds.down(packet, header, 7);
            },
            (input, random) -> {
              SocketPacketHeader header = new SocketPacketHeader();
              Message packet = message(input);
              header.read(packet);
              if (header.ackId() == SocketPacketHeader.NO_ACK) {
                return;
              }
              long id = random.nextLong(1_000_000_000_000_000L);
              byte[] json = packet.bytes(header.json());
              String namespace = header.namespace(packet);
              Message other = AckIds.up(packet, header, id);
              again(
                  () -> {
                    header.read(other);
                    return other;
                  });
              require(header.ackId() == id, "it has the other id");
              require(header.namespace(other).equals(namespace), "it is of the same namespace");
              require(Arrays.equals(other.bytes(header.json()), json), "it carries the same");
            },
            "4212[\"a\"]",
            "42/admin,12[\"a\"]",
            "42007 [\"a\"]",
            "451-/a?b=1,7[\"f\"]",
            "430[]")
        .tokens("42", "43", "451-", "/a,", "/?b=1,", "7", "12", "[\"a\"]", "[]", "0");
  }
}
