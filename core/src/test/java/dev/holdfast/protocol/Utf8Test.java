package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 3629; the malformed sets follow Markus Kuhn's stress test. */
class Utf8Test {

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "nothing, ''",
    "ASCII from NUL to DEL, 007f",
    "the first of two bytes, c280",
    "the last of two bytes, dfbf",
    "the first of three bytes, e0a080",
    "the last before the surrogates, ed9fbf",
    "the first after the surrogates, ee8080",
    "the replacement character, efbfbd",
    "the last of three bytes, efbfbf",
    "the first of four bytes, f0908080",
    "the last code point, f48fbfbf",
    "kosme, cebae1bdb9cf83cebcceb5",
    "noncharacters, efb790efb7af",
  })
  void takes(String name, String hex) {
    byte[] text = HexFormat.of().parseHex(hex);

    assertThat(check(text, 0)).isEqualTo(Utf8.START);
    assertThat(everySplit(text, 0)).isEqualTo(Utf8.START);
    assertThat(everySplit(text, 0x37FA213D)).isEqualTo(Utf8.START);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a lone continuation, 80",
    "the last lone continuation, bf",
    "a continuation after a character, c28080",
    "an overlong slash of two bytes, c0af",
    "an overlong slash of three bytes, e080af",
    "an overlong slash of four bytes, f08080af",
    "the highest overlong of two bytes, c1bf",
    "the highest overlong of three bytes, e09fbf",
    "the highest overlong of four bytes, f08fbfbf",
    "an overlong NUL, c080",
    "the first surrogate, eda080",
    "the last surrogate, edbfbf",
    "a surrogate pair, eda081edb080",
    "beyond the last code point, f4908080",
    "a start of five bytes, f888808080",
    "a start of six bytes, fc8480808080",
    "FE, fe",
    "FF, ff",
    "a start instead of a continuation, c241",
    "a start after the first of three, e2c280",
    "a start after the second of three, e282c2",
    "a start after the third of four, f0908041",
  })
  void refuses(String name, String hex) {
    byte[] text = HexFormat.of().parseHex(hex);

    assertThat(check(text, 0)).isEqualTo(Utf8.INVALID);
    assertThat(everySplit(text, 0)).isEqualTo(Utf8.INVALID);
    assertThat(everySplit(text, 0x37FA213D)).isEqualTo(Utf8.INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"c2", "e2", "e282", "f0", "f090", "f09080"})
  void waitsForTheRestOfACharacter(String hex) {
    int state = check(HexFormat.of().parseHex(hex), 0);

    assertThat(state).isNotIn(Utf8.START, Utf8.INVALID);
  }

  @Test
  void refusesAtTheFirstBytePossible() {
    assertThat(check(new byte[] {(byte) 0xED, (byte) 0xA0}, 0)).isEqualTo(Utf8.INVALID);
    assertThat(check(new byte[] {(byte) 0xF4, (byte) 0x90}, 0)).isEqualTo(Utf8.INVALID);
    assertThat(check(new byte[] {(byte) 0xE0, (byte) 0x80}, 0)).isEqualTo(Utf8.INVALID);
  }

  @Test
  void longTextIsReadInWordsAndStillChecked() {
    byte[] text = ("x".repeat(100) + "€" + "y".repeat(31) + "😀" + "z".repeat(64)).getBytes(UTF_8);

    assertThat(check(text, 0)).isEqualTo(Utf8.START);
    assertThat(check(text, 0x01020304)).isEqualTo(Utf8.START);
    for (int at = 0; at < text.length; at++) {
      byte[] broken = text.clone();
      broken[at] = (byte) 0xFF;
      assertThat(check(broken, 0x01020304)).as("0xFF at %d", at).isEqualTo(Utf8.INVALID);
    }
  }

  @Test
  void byteOrderOfTheBufferDoesNotMatter() {
    byte[] text = "plain and long enough for words, then €".getBytes(UTF_8);
    ByteBuffer masked = masked(text, 0x37FA213D).order(ByteOrder.LITTLE_ENDIAN);

    assertThat(Utf8.check(masked, 0, text.length, 0x37FA213D, Utf8.START)).isEqualTo(Utf8.START);
  }

  private static int check(byte[] text, int key) {
    return Utf8.check(masked(text, key), 0, text.length, key, Utf8.START);
  }

  /** What all ways to read the text in two parts agree on. */
  private static int everySplit(byte[] text, int key) {
    ByteBuffer bytes = masked(text, key);
    int whole = Utf8.check(bytes, 0, text.length, key, Utf8.START);
    for (int cut = 0; cut <= text.length; cut++) {
      int state = Utf8.check(bytes, 0, cut, key, Utf8.START);
      if (state != Utf8.INVALID) {
        state = Utf8.check(bytes, cut, text.length, Mask.rotated(key, cut), state);
      }
      assertThat(state).as("cut at %d", cut).isEqualTo(whole);
    }
    return whole;
  }

  private static ByteBuffer masked(byte[] text, int key) {
    ByteBuffer bytes = ByteBuffer.wrap(text.clone());
    Mask.apply(bytes, 0, text.length, key);
    return bytes;
  }
}
