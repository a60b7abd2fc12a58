package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frame headers of RFC 6455 section 5.2; the vectors without a number are those of section 5.7. */
class FrameHeaderTest {
  private final FrameHeader header = new FrameHeader();

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a single unmasked text, 810548656c6c6f, fin opcode 1 payload 2 length 5",
    "a single masked text, 818537fa213d7f9f4d5158, fin opcode 1 key 37fa213d payload 6 length 5",
    "a first fragment, 010348656c, opcode 1 payload 2 length 3",
    "a fragment in the middle, 00036c6c6f, opcode 0 payload 2 length 3",
    "a last fragment, 80026c6f, fin opcode 0 payload 2 length 2",
    "an unmasked ping, 890548656c6c6f, fin opcode 9 payload 2 length 5",
    "a masked pong, 8a8537fa213d7f9f4d5158, fin opcode 10 key 37fa213d payload 6 length 5",
    "256 bytes of binary, 827e0100, fin opcode 2 payload 4 length 256",
    "64 KiB of binary, 827f0000000000010000, fin opcode 2 payload 10 length 65536",
    "an empty text, 8100, fin opcode 1 payload 2 length 0",
    "125 bytes, 817d, fin opcode 1 payload 2 length 125",
    "126 bytes, 817e007e, fin opcode 1 payload 4 length 126",
    "65535 bytes, 817effff, fin opcode 1 payload 4 length 65535",
    "65536 bytes masked, 81ff000000000001000001020304, fin opcode 1 key 1020304 payload 14 length 65536",
    "2^63-1 bytes, 827f7fffffffffffffff, fin opcode 2 payload 10 length 9223372036854775807",
    "an empty masked close, 88800a0b0c0d, fin opcode 8 key a0b0c0d payload 6 length 0",
    "a close of 125 bytes, 887d, fin opcode 8 payload 2 length 125",
  })
  void reads(String name, String hex, String expected) throws ProtocolException {
    ByteBuffer bytes = hex(hex);

    assertThat(header.read(bytes, 0, bytes.limit(), isMasked(bytes))).isTrue();

    assertThat(describe(header)).isEqualTo(expected);
  }

  private static String describe(FrameHeader header) {
    return (header.fin() ? "fin " : "")
        + ("opcode " + header.opcode())
        + (header.maskKey() == 0 ? "" : " key " + Integer.toHexString(header.maskKey()))
        + (" payload " + header.payload())
        + (" length " + header.length());
  }

  @Test
  void readsWhereTheFrameLies() throws ProtocolException {
    ByteBuffer bytes = hex("ffff" + "8105" + "48656c6c6f");

    assertThat(header.read(bytes, 2, bytes.limit(), false)).isTrue();

    assertThat(header.payload()).isEqualTo(4);
    assertThat(header.end()).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8105",
        "818537fa213d",
        "817e0100",
        "81fe010001020304",
        "817f0000000000010000",
        "81ff000000000001000001020304"
      })
  void waitsForTheWholeHeader(String hex) throws ProtocolException {
    ByteBuffer bytes = hex(hex);
    boolean masked = isMasked(bytes);

    for (int limit = 0; limit < bytes.limit(); limit++) {
      assertThat(header.read(bytes, 0, limit, masked)).as("%d bytes of %s", limit, hex).isFalse();
    }
    assertThat(header.read(bytes, 0, bytes.limit(), masked)).isTrue();
    assertThat(bytes.limit()).isLessThanOrEqualTo(FrameHeader.MAX_BYTES);
  }

  @ParameterizedTest
  @CsvSource({
    "c100, false, reserved bits are set and no extension was agreed",
    "a100, false, reserved bits are set and no extension was agreed",
    "9100, false, reserved bits are set and no extension was agreed",
    "8300, false, unknown opcode 3",
    "8700, false, unknown opcode 7",
    "8b00, false, unknown opcode 11",
    "8f00, false, unknown opcode 15",
    "8105, true, a client's frame is not masked",
    "818537fa213d, false, a server's frame is masked",
    "0900, false, a control frame is fragmented or longer than 125 bytes",
    "0800, false, a control frame is fragmented or longer than 125 bytes",
    "897e007e, false, a control frame is fragmented or longer than 125 bytes",
    "8a7f0000000000010000, false, a control frame is fragmented or longer than 125 bytes",
    "817e0000, false, length 0 is not in its shortest form",
    "817e007d, false, length 125 is not in its shortest form",
    "817f0000000000000000, false, length 0 is not in its shortest form or over 2^63",
    "817f000000000000ffff, false, length 65535 is not in its shortest form or over 2^63",
    "817f8000000000000000, false,"
        + " length 9223372036854775808 is not in its shortest form or over 2^63",
    "817fffffffffffffffff, false,"
        + " length 18446744073709551615 is not in its shortest form or over 2^63",
  })
  void refuses(String hex, boolean masked, String problem) {
    ByteBuffer bytes = hex(hex);

    assertThatThrownBy(() -> header.read(bytes, 0, bytes.limit(), masked))
        .isInstanceOf(ProtocolException.class)
        .hasMessage(problem)
        .extracting("closeCode")
        .isEqualTo(CloseCode.PROTOCOL_ERROR);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 125, 126, 65535, 65536, Integer.MAX_VALUE, Long.MAX_VALUE})
  void readsBackWhatItWrites(long length) throws ProtocolException {
    ByteBuffer plain = ByteBuffer.allocate(FrameHeader.MAX_BYTES);
    ByteBuffer masked = ByteBuffer.allocate(FrameHeader.MAX_BYTES);

    FrameHeader.write(plain, Opcode.BINARY, length);
    FrameHeader.writeMasked(masked, Opcode.TEXT, length, 0x80FF0102);

    assertThat(plain.position()).isEqualTo(FrameHeader.bytes(length));
    assertThat(header.read(plain, 0, plain.position(), false)).isTrue();
    assertThat(header.opcode()).isEqualTo(Opcode.BINARY);
    assertThat(header.length()).isEqualTo(length);
    assertThat(header.maskKey()).isZero();
    assertThat(masked.position()).isEqualTo(FrameHeader.bytes(length) + 4);
    assertThat(header.read(masked, 0, masked.position(), true)).isTrue();
    assertThat(header.fin()).isTrue();
    assertThat(header.opcode()).isEqualTo(Opcode.TEXT);
    assertThat(header.length()).isEqualTo(length);
    assertThat(header.maskKey()).isEqualTo(0x80FF0102);
  }

  @Test
  void controlOpcodesAreThoseFromEightOn() {
    assertThat(Opcode.isControl(Opcode.CONTINUATION)).isFalse();
    assertThat(Opcode.isControl(Opcode.TEXT)).isFalse();
    assertThat(Opcode.isControl(Opcode.BINARY)).isFalse();
    assertThat(Opcode.isControl(Opcode.CLOSE)).isTrue();
    assertThat(Opcode.isControl(Opcode.PING)).isTrue();
    assertThat(Opcode.isControl(Opcode.PONG)).isTrue();
  }

  private static boolean isMasked(ByteBuffer bytes) {
    return (bytes.get(1) & 0x80) != 0;
  }

  private static ByteBuffer hex(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }
}
