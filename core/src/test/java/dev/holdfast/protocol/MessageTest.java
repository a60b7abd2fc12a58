package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 0x37FA213D})
  void readsItsPayloadWithTheMaskTakenOff(int key) {
    Message message = Messages.text("42[\"hello\"]", key);

    assertThat(message.text()).isTrue();
    assertThat(message.length()).isEqualTo(11);
    assertThat(message.byteAt(0)).isEqualTo('4');
    assertThat(message.byteAt(10)).isEqualTo(']');
    assertThat(message.byteAt(11)).isEqualTo(-1);
    assertThat(message.bytes(0)).asString(UTF_8).isEqualTo("42[\"hello\"]");
    assertThat(message.bytes(3)).asString(UTF_8).isEqualTo("\"hello\"]");
    assertThat(message.bytes(11)).isEmpty();
  }

  @Test
  void highBytesAreNotNegative() {
    Message message = Messages.text("é", 0);

    assertThat(message.byteAt(0)).isEqualTo(0xC3);
  }

  @Test
  void keepsTheFrameAsItCame() {
    Message message = Messages.text("4a", 0x01020304);

    assertThat(message.start()).isEqualTo(3);
    assertThat(message.payload()).isEqualTo(9);
    assertThat(message.end()).isEqualTo(11);
    assertThat(message.buffer().slice(3, 8))
        .isEqualTo(
            ByteBuffer.wrap(new byte[] {(byte) 0x81, (byte) 0x82, 1, 2, 3, 4, '4' ^ 1, 'a' ^ 2}));
  }

  @Test
  void movesToAnotherFrame() {
    Message message = Messages.text("first", 7);

    message.at(ByteBuffer.wrap(new byte[] {(byte) 0x82, 1, 9}), 0, 2, 3).as(0, false);

    assertThat(message.text()).isFalse();
    assertThat(message.bytes(0)).containsExactly(9);
  }
}
