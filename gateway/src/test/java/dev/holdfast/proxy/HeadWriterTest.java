package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.proxy.HeadWriter.IllegalCharacter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadWriterTest {
  private final HeadWriter out = new HeadWriter();

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.ISO_8859_1.decode(bytes).toString();
  }

  @ParameterizedTest
  @ValueSource(chars = {' ', '\r', '\n', '\t', 0, 0x1f, 0x7f, 0x100, '\u010a'})
  void wordsEndAtNothingThatIsInThem(char c) {
    assertThatThrownBy(() -> out.word("/a" + c + "b", "target"))
        .isInstanceOf(IllegalCharacter.class)
        .hasMessage("illegal character in target");
  }

  /** One above 0xff would become another when it is written as a byte, even LF. */
  @ParameterizedTest
  @ValueSource(chars = {'\r', '\n', 0, 0x100, '\u010a'})
  void headersEndAtNothingThatIsInThem(char c) {
    assertThatThrownBy(() -> out.header("X-A", "a" + c + "b"))
        .isInstanceOf(IllegalCharacter.class)
        .hasMessage("illegal character in header X-A");
  }

  @ParameterizedTest
  @ValueSource(chars = {' ', '\t', 1, 0x7f, 0x80, 0xff})
  void otherCharactersOfAHeaderPass(char c) throws IllegalCharacter {
    assertThat(text(out.header("X-A", "a" + c).toBuffer())).isEqualTo("X-A: a" + c + "\r\n");
  }

  @Test
  void headOfAnySizeIsWrittenWhole() {
    String block = "x".repeat(Blocks.SIZE);
    var blocks = new Blocks();

    assertThat(text(out.clear().text("short").toBlock(blocks))).isEqualTo("short");
    assertThat(text(out.clear().text(block).toBlock(blocks))).isEqualTo(block);
    assertThat(text(out.text("y").toBlock(blocks))).isEqualTo(block + "y");
  }
}
