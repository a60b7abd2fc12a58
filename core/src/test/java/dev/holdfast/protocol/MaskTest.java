package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskTest {
  private static final int KEY = 0x37FA213D;

  @Test
  void unmasksTheExampleOfTheSpecification() {
    ByteBuffer payload = ByteBuffer.wrap(HexFormat.of().parseHex("7f9f4d5158"));

    Mask.apply(payload, 0, 5, KEY);

    assertThat(new String(payload.array(), UTF_8)).isEqualTo("Hello");
  }

  @Test
  void unmasksOneByteAnywhere() {
    byte[] masked = HexFormat.of().parseHex("7f9f4d5158");

    for (int offset = 0; offset < masked.length; offset++) {
      assertThat(Mask.unmasked(masked[offset], KEY, offset)).isEqualTo("Hello".charAt(offset));
    }
  }

  @Test
  void keyZeroChangesNothing() {
    ByteBuffer payload = ByteBuffer.wrap("Hello, world".getBytes(UTF_8));

    Mask.apply(payload, 0, payload.limit(), 0);

    assertThat(new String(payload.array(), UTF_8)).isEqualTo("Hello, world");
    assertThat(Mask.unmasked('H', 0, 3)).isEqualTo('H');
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wordsAndBytesAgreeForEveryStartAndLength(boolean littleEndian) {
    for (int from = 0; from < 9; from++) {
      for (int to = from; to < 40; to++) {
        ByteBuffer payload = counted(40);
        payload.order(littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);

        Mask.apply(payload, from, to, KEY);

        for (int index = 0; index < 40; index++) {
          int expected =
              index < from || index >= to ? index : Mask.unmasked(index, KEY, index - from);
          assertThat(payload.get(index) & 0xFF)
              .as("%d in %d to %d", index, from, to)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void aRotatedKeyGoesOnInTheMiddleOfAPayload() {
    for (int cut = 0; cut <= 21; cut++) {
      ByteBuffer whole = counted(21);
      ByteBuffer parts = counted(21);

      Mask.apply(whole, 0, 21, KEY);
      Mask.apply(parts, 0, cut, KEY);
      Mask.apply(parts, cut, 21, Mask.rotated(KEY, cut));

      assertThat(parts).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  private static ByteBuffer counted(int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    for (int i = 0; i < length; i++) {
      bytes.put((byte) i);
    }
    return bytes.flip();
  }
}
