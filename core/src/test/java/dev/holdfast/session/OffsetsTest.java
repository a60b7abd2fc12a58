package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Fuzz;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetsTest {
  private final Offsets offsets = new Offsets("tagtag");

  private static Message message(String packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
  }

  private static String text(ByteBuffer frame) {
    return new String(new Message().ofFrame(frame.flip(), false).bytes(0), US_ASCII);
  }

  private String withArgument(String event, long counter) {
    Message packet = message(event);
    ByteBuffer room = ByteBuffer.allocate(packet.length() + offsets.argumentRoom());
    offsets.writeArgument(room, packet, counter);
    return text(room);
  }

  private String marker(long counter) {
    ByteBuffer room = ByteBuffer.allocate(offsets.markerRoom());
    offsets.writeMarker(room, counter);
    return text(room);
  }

  @Test
  void offsetIsTheLastArgument() {
    assertThat(withArgument("42[\"e\",{\"a\":[1]}]", 7))
        .isEqualTo("42[\"e\",{\"a\":[1]},\"tagtag.7\"]");
    assertThat(withArgument("42[\"e\"]", 0)).isEqualTo("42[\"e\",\"tagtag.0\"]");
    assertThat(withArgument("42[5]", Long.MAX_VALUE))
        .isEqualTo("42[5,\"tagtag.9223372036854775807\"]");
  }

  @Test
  void markerIsAnEventOfItsOwn() {
    assertThat(marker(12)).isEqualTo("42[\"~o\",\"tagtag.12\"]");
    assertThat(marker(Long.MAX_VALUE)).endsWith(".9223372036854775807\"]");
  }

  /** Every length of frame header, with what the counter adds to it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 95, 96, 97, 98, 99, 100, 101, 65_510, 65_515, 65_520, 65_525, 70_000})
  void eventOfAnyLengthFits(int length) {
    String event = "42[\"" + "x".repeat(length) + "\"]";

    assertThat(withArgument(event, 1234567))
        .isEqualTo(event.substring(0, event.length() - 1) + ",\"tagtag.1234567\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "42[\"e\",1]; true",
        "42[\"e\"]; true",
        "42[5]; true",
        "42[0]; true",
        "42[]; false",
        "42[ \"e\"]; false",
        "42[{}]; false",
        "42[\"e\",1] ; true",
        "42[\"e\",1; false",
        "42[:]; false",
        "42[/]; false",
      })
  void argumentIsAddedOnlyWhereItCannotHarm(String event, boolean can) throws ProtocolException {
    SocketPacketHeader header = new SocketPacketHeader();
    Message packet = message(event);
    header.read(packet);

    assertThat(Offsets.canTakeArgument(packet, header.json())).isEqualTo(can);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42[\"e\",\"tagtag.\"]",
        "42[\"e\",\"tagtag1\"]",
        "42[\"e\",\"tagtah.1\"]",
        "42[\"e\",\"agtag.1\"]",
        "42[\"e\",\"xtagtag.1\"]",
        "42[\"e\",\"tagtag.1x\"]",
        "42[\"e\",\"tagtag.12345678901234567890\"]",
        "42[\"e\",tagtag.1]",
        "42[\"e\",\"tagtag.1\"}",
        "1\"]",
        "42",
        "",
      })
  void nothingElseIsAnOffset(String packet) {
    assertThat(offsets.endOf(message(packet))).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tagtag.",
        "tagtag.x",
        "tagtag.-1",
        "tagtag.1 ",
        "tagtbg.1",
        "tag",
        "tagtag.1234567890123456789",
        "tagtag.\u0661",
      })
  void nothingElseIsRead(String offset) {
    assertThat(offsets.read(offset)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"42[\"~o\",1]", "42[\"~oo\",\"tagtag.1\"]", "42[\"e\"]", "42", "421[\"~o\",\""})
  void nothingElseIsAMarker(String packet) {
    assertThat(Offsets.isMarker(message(packet))).isFalse();
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Fuzz.run(
        20_000,
        random -> {
          long counter = random.nextLong(1_000_000_000_000_000_000L) >>> random.nextInt(60);
          String event =
              "42[\"e\"," + Fuzz.text(random, 8, "1", ",", "\"x\"", "{}", "]", "é") + "]";
          Message argument = message(withArgument(ascii(event, random), counter));
          Message marker = message(marker(counter));

          assertThat(offsets.endOf(argument)).isEqualTo(counter);
          assertThat(offsets.endOf(marker)).isEqualTo(counter);
          assertThat(Offsets.isMarker(marker)).isTrue();
          assertThat(offsets.read("tagtag." + counter)).isEqualTo(counter);
          assertThat(new Offsets("other1").endOf(argument)).isEqualTo(-1);
          assertThat(new Offsets("other1").read("tagtag." + counter)).isEqualTo(-1);
          assertThat(marker.length() + FrameHeader.bytes(marker.length()))
              .isLessThanOrEqualTo(offsets.markerRoom());
        });
  }

  private static String ascii(String event, SplittableRandom random) {
    return event.replace('é', (char) ('a' + random.nextInt(26)));
  }

  @Test
  void anyBytesAreLookedAtWithoutHarm() {
    Fuzz.run(
        20_000,
        random -> {
          byte[] packet = Fuzz.damaged(random, marker(random.nextInt(1000)).getBytes(US_ASCII));
          Message message = new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);

          assertThat(offsets.endOf(message)).isBetween(-1L, Long.MAX_VALUE);
          assertThat(offsets.read(Fuzz.text(random, 12, "tagtag", ".", "9", "1", "x", "é")))
              .isBetween(-1L, Long.MAX_VALUE);
        });
  }
}
