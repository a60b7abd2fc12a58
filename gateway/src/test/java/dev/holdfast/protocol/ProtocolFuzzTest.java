package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every codec against inputs near and far from its grammar, each with an oracle of its own. */
class ProtocolFuzzTest {
  private static final PollingPayload.Limits LIMITS = new PollingPayload.Limits(200, 8);

  /** What a decoder may allocate for one input of at most 200 bytes, an exception included. */
  private static final long MEMORY = 16 * 1024;

  private final FrameHeader frame = new FrameHeader();
  private final SocketPacketHeader packet = new SocketPacketHeader();

  @Test
  void frameHeadersAreReadOrRefused() {
    Fuzz.run(
        30_000,
        random -> {
          ByteBuffer bytes = ByteBuffer.wrap(nearHeader(random));
          boolean masked = random.nextBoolean();
          int limit = random.nextInt(bytes.limit() + 1);
          if (!frame.read(bytes, 0, limit, masked)) {
            assertThat(limit).isLessThan(FrameHeader.MAX_BYTES);
            return;
          }
          check(frame.payload() <= limit && frame.length() >= 0);
          checkWrittenBack(bytes);
        });
  }

  private static byte[] nearHeader(SplittableRandom random) {
    byte[] bytes = Fuzz.bytes(random, 20);
    if (bytes.length > 1 && random.nextInt(4) > 0) {
      bytes[0] &= (byte) 0x8F;
      bytes[1] =
          (byte) (random.nextInt(2) << 7 | (random.nextInt(4) == 0 ? 5 : 124 + random.nextInt(4)));
    }
    if (bytes.length > 6 && random.nextBoolean()) {
      bytes[2] = 0;
      bytes[3] = 0;
      bytes[4] = 0;
    }
    return bytes;
  }

  private void checkWrittenBack(ByteBuffer bytes) {
    ByteBuffer written = ByteBuffer.allocate(FrameHeader.MAX_BYTES);
    if ((bytes.get(1) & 0x80) != 0) {
      FrameHeader.writeMasked(written, frame.opcode(), frame.length(), frame.maskKey());
    } else {
      FrameHeader.write(written, frame.opcode(), frame.length());
    }
    if (!frame.fin()) {
      written.put(0, (byte) (written.get(0) & 0x7F));
    }
    check(written.flip().equals(bytes.slice(0, frame.payload())));
  }

  @Test
  void masksComeOffInAnyParts() {
    Fuzz.run(
        10_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, 100);
          int key = random.nextInt();
          ByteBuffer masked = ByteBuffer.wrap(bytes.clone());
          Mask.apply(masked, 0, bytes.length, key);
          int from = 0;
          while (from < bytes.length) {
            int to = from + 1 + random.nextInt(bytes.length - from);
            Mask.apply(masked, from, to, Mask.rotated(key, from));
            from = to;
          }
          check(masked.equals(ByteBuffer.wrap(bytes)));
        });
  }

  @Test
  void utf8IsWhatTheJdkSaysInAnyParts() {
    Fuzz.run(
        30_000,
        random -> {
          byte[] bytes = nearUtf8(random);
          int key = random.nextInt();
          ByteBuffer masked = ByteBuffer.wrap(bytes.clone());
          Mask.apply(masked, 0, bytes.length, key);
          int state = Utf8.START;
          int from = 0;
          while (from < bytes.length && state != Utf8.INVALID) {
            int to = from + 1 + random.nextInt(bytes.length - from);
            state = Utf8.check(masked, from, to, Mask.rotated(key, from), state);
            from = to;
          }
          check((state == Utf8.START) == isUtf8(bytes));
        });
  }

  private static byte[] nearUtf8(SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      return Fuzz.bytes(random, 8);
    }
    String text =
        Fuzz.text(random, 20, "a", "plain text", "é", "€", "\uD7FF", "\uE000", "😀", "\0");
    byte[] bytes = text.getBytes(UTF_8);
    return random.nextBoolean() ? bytes : Fuzz.damaged(random, bytes);
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }

  @Test
  void socketPacketHeadersAreThoseOfTheGrammar() {
    Fuzz.run(
        30_000,
        random -> {
          byte[] bytes = ("4" + nearPacket(random)).getBytes(UTF_8);
          if (random.nextInt(4) == 0) {
            bytes = Fuzz.damaged(random, bytes);
          }
          boolean valid = SocketPacketGrammar.matches(bytes);
          Message message = Messages.text(bytes, random.nextBoolean() ? 0 : random.nextInt());
          boolean read = true;
          try {
            packet.read(message);
          } catch (ProtocolException refused) {
            read = false;
          }
          check(read == valid);
          if (read) {
            check(SocketPacketGrammar.describes(bytes, packet));
          }
        });
  }

  private static String nearPacket(SplittableRandom random) {
    return random.nextInt(8)
        + Fuzz.text(random, 1, "1-", "10-", "0-", "12345-", "-", "")
        + Fuzz.text(random, 1, "/", "/,", "/admin,", "/a?b=1,", "/?b=1,", "/€,", "/x")
        + Fuzz.text(random, 1, "0", "7", "123456789012345", "1234567890123456")
        + Fuzz.text(random, 2, "[\"a\"]", "[]", "{}", "\"s\"", "x", ",", "[");
  }

  /** The header's grammar a second time, as a pattern. */
  private static final class SocketPacketGrammar {
    private static final List<SocketPacketType> TYPES =
        List.of(
            SocketPacketType.CONNECT,
            SocketPacketType.DISCONNECT,
            SocketPacketType.EVENT,
            SocketPacketType.ACK,
            SocketPacketType.CONNECT_ERROR,
            SocketPacketType.BINARY_EVENT,
            SocketPacketType.BINARY_ACK);
    private static final Pattern PACKET =
        Pattern.compile(
            ".(?:([0-4])|([56])(\\d{1,4}+)-)(?:(/[^,]*+),?+)?+(\\d{0,15}+)((?!\\d).*)?",
            Pattern.DOTALL);

    private static Matcher match(byte[] bytes) {
      return PACKET.matcher(new String(bytes, ISO_8859_1));
    }

    static boolean matches(byte[] bytes) {
      Matcher match = match(bytes);
      if (!match.matches()) {
        return false;
      }
      String json = match.group(6) == null ? "" : match.group(6);
      boolean noAck = match.group(5).isEmpty();
      if (match.group(2) != null) {
        return Integer.parseInt(match.group(3)) > 0 && json.startsWith("[");
      }
      return switch (match.group(1)) {
        case "0" -> noAck && (json.isEmpty() || json.startsWith("{"));
        case "1", "4" -> noAck;
        default -> json.startsWith("[");
      };
    }

    static boolean describes(byte[] bytes, SocketPacketHeader header) {
      Matcher match = match(bytes);
      check(match.matches());
      String type = match.group(1) == null ? match.group(2) : match.group(1);
      String json = match.group(6) == null ? "" : match.group(6);
      String namespace = match.group(4) == null ? "/" : match.group(4).replaceFirst("\\?.*", "");
      return header.type() == TYPES.get(Integer.parseInt(type))
          && header.attachments() == (match.group(3) == null ? 0 : Integer.parseInt(match.group(3)))
          && header.rootNamespace() == namespace.equals("/")
          && header.ackId() == (match.group(5).isEmpty() ? -1 : Long.parseLong(match.group(5)))
          && header.json() == bytes.length - json.length();
    }
  }

  @Test
  void pollingPayloadsAreReadOrRefused() {
    Fuzz.run(
        20_000,
        random -> {
          byte[] bytes = nearPayload(random);
          List<EnginePacket> packets = PollingPayload.decode(ByteBuffer.wrap(bytes), LIMITS);
          check(bytes.length <= LIMITS.bytes() && packets.size() <= LIMITS.packets());
          check(PollingPayload.decode(PollingPayload.encode(packets), unlimited()).equals(packets));
        });
  }

  private static byte[] nearPayload(SplittableRandom random) {
    if (random.nextInt(8) == 0) {
      return Fuzz.bytes(random, LIMITS.bytes() * 2);
    }
    byte[] bytes =
        Fuzz.text(random, 14, "4hello", "4", "2", "3", "b", "bAQIDBA==", "\u001e", "\u001e", "bé")
            .getBytes(UTF_8);
    return random.nextBoolean() ? bytes : Fuzz.damaged(random, bytes);
  }

  @Test
  void pollingPayloadsReadBackWhatTheyWrite() {
    Fuzz.run(
        10_000,
        random -> {
          List<EnginePacket> packets = new ArrayList<>();
          for (int left = 1 + random.nextInt(8); left > 0; left--) {
            packets.add(
                random.nextBoolean()
                    ? EnginePacket.binary(ByteBuffer.wrap(Fuzz.bytes(random, 40)))
                    : EnginePacket.text(
                        UTF_8.encode(
                            random.nextInt(7) + Fuzz.text(random, 9, "a", "€", "😀", "b", "4"))));
          }
          check(PollingPayload.decode(PollingPayload.encode(packets), unlimited()).equals(packets));
        });
  }

  @Test
  void responseHeadsAreReadOrRefused() {
    Fuzz.run(
        20_000,
        random -> {
          byte[] bytes = nearHead(random);
          HttpResponseHead head =
              HttpResponseHead.parse(ByteBuffer.wrap(bytes), 0, bytes.length, LIMITS.bytes());
          if (head != null) {
            check(head.end() <= LIMITS.bytes() && head.status() >= 100 && head.status() <= 999);
            check(head.headers().size() <= head.end() / 4);
          }
        });
  }

  private static byte[] nearHead(SplittableRandom random) {
    String head =
        Fuzz.text(random, 1, "HTTP/1.1 101 Switching\r\n", "HTTP/1.0 200\r\n", "HTTP/2 2\r\n")
            + Fuzz.text(random, 6, "A: b\r\n", "Upgrade:\twebsocket \r\n", "x-a:\r\n", " ", "\n")
            + Fuzz.text(random, 2, "\r\n", "\r", "body");
    byte[] bytes = head.getBytes(ISO_8859_1);
    return random.nextBoolean() ? bytes : Fuzz.damaged(random, bytes);
  }

  @Test
  void whatDecodersAllocateIsBoundedByTheInput() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] most = new long[1];
    Fuzz.run(
        5_000,
        random -> {
          ByteBuffer payload = ByteBuffer.wrap(nearPayload(random));
          Message message = Messages.text("4" + nearPacket(random), 0);
          long before = threads.getCurrentThreadAllocatedBytes();
          readBoth(payload, message);
          most[0] = Math.max(most[0], threads.getCurrentThreadAllocatedBytes() - before);
        });
    assertThat(most[0]).isLessThan(MEMORY);
  }

  private void readBoth(ByteBuffer payload, Message message) throws ProtocolException {
    try {
      packet.read(message);
    } finally {
      PollingPayload.decode(payload, LIMITS);
    }
  }

  private static PollingPayload.Limits unlimited() {
    return new PollingPayload.Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** Assertions of AssertJ are too slow to make a million of. */
  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError("the property does not hold");
    }
  }
}
