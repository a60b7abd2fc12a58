package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PollingPayloadTest {
  private static final PollingPayload.Limits LIMITS = new PollingPayload.Limits(64, 4);

  @Test
  void readsEveryPacketOfAPayload() throws ProtocolException {
    List<EnginePacket> packets = decode("4hello\u001e2\u001e4€\u001ebAQIDBA==");

    assertThat(packets).containsExactly(text("4hello"), text("2"), text("4€"), binary(1, 2, 3, 4));
    assertThat(packets)
        .extracting(EnginePacket::type)
        .containsExactly(
            EnginePacketType.MESSAGE,
            EnginePacketType.PING,
            EnginePacketType.MESSAGE,
            EnginePacketType.MESSAGE);
  }

  @Test
  void dataIsWhatFollowsTheTypeDigit() throws ProtocolException {
    List<EnginePacket> packets = decode("4hello\u001e1\u001ebAQ==");

    assertThat(packets)
        .extracting(EnginePacket::data)
        .containsExactly(bytes("hello"), bytes(""), ByteBuffer.wrap(new byte[] {1}));
  }

  @Test
  void readsFromPositionToLimitAndLeavesThemAlone() throws ProtocolException {
    ByteBuffer body = bytes("xx4a\u001e4bxx").position(2).limit(7);

    assertThat(PollingPayload.decode(body, LIMITS)).containsExactly(text("4a"), text("4b"));
    assertThat(body.position()).isEqualTo(2);
    assertThat(body.limit()).isEqualTo(7);
  }

  @Test
  void aBinaryPacketMayBeEmptyAndUnpadded() throws ProtocolException {
    assertThat(decode("b")).containsExactly(binary());
    assertThat(decode("bAQ")).containsExactly(binary(1));
  }

  /** As python-engineio and npm's engine.io read them alike, and unpadded as the second. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "AQIDBAU=",
        "AQIDBAU",
        "AQID\nBAU=\n",
        "AQID\r\nBAU=\r\n",
        "A Q\tI\0D*BA\u007fU=",
        "AQIDBAU\n=",
        "AQIDBAU==",
        "AQIDBAU=\nAQID",
        "AQIDBAU=-_",
      })
  void base64MayHoldWhatIsNotOfItsAlphabet(String encoded) throws ProtocolException {
    assertThat(decode("b" + encoded)).containsExactly(binary(1, 2, 3, 4, 5));
  }

  @Test
  void base64OfJavaClientsHasLines() throws ProtocolException {
    byte[] data = new byte[1000];
    Arrays.fill(data, (byte) 0xfb);
    String lines = Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(data) + "\n";

    PollingPayload.Limits limits = new PollingPayload.Limits(2000, 1);
    assertThat(PollingPayload.decode(bytes("b" + lines), limits))
        .containsExactly(EnginePacket.binary(ByteBuffer.wrap(data)));
  }

  @Test
  void nothingIsNoPacket() throws ProtocolException {
    assertThat(decode("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'4a|', empty engine packet",
    "'|4a', empty engine packet",
    "'4a||4b', empty engine packet",
    "'7', 'unknown engine packet type 0x37, allowed are 0 to 6'",
    "'/', 'unknown engine packet type 0x2f, allowed are 0 to 6'",
    "'4a|{}', 'unknown engine packet type 0x7b, allowed are 0 to 6'",
    "'bA', binary packet is not base64",
    "'bA=', binary packet is not base64",
    "'bAQ-_', binary packet is not base64",
    "'b=AQID', binary packet is not base64",
    "'bAQID=AQID', binary packet is not base64",
    "'bAQ=ID', binary packet is not base64",
    "'b€', binary packet is not base64",
    "'bAQ==€', binary packet is not base64",
  })
  void refusesAMalformedPayload(String payload, String problem) {
    assertThatThrownBy(() -> decode(payload.replace('|', '\u001e')))
        .isInstanceOf(ProtocolException.class)
        .hasMessage(problem)
        .extracting("closeCode")
        .isEqualTo(1002);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4\u00ff",
        "4\u00c0\u0080",
        "4\u00ed\u00a0\u0080",
        "4\u00e2\u0082",
        "4\u00e2\u0082\u001e4a"
      })
  void refusesTextThatIsNotUtf8(String latin) {
    assertThatThrownBy(
            () -> PollingPayload.decode(ByteBuffer.wrap(latin.getBytes(ISO_8859_1)), LIMITS))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("payload is not UTF-8")
        .extracting("closeCode")
        .isEqualTo(1007);
  }

  @Test
  void takesAsManyBytesAndPacketsAsTheLimitsSay() throws ProtocolException {
    assertThat(decode("4".repeat(64))).hasSize(1);
    assertThat(decode("4\u001e4\u001e4\u001e4")).hasSize(4);
  }

  @Test
  void refusesMoreBytesThanAllowedBeforeReadingThem() {
    assertThatThrownBy(() -> decode("\u001e".repeat(65)))
        .hasMessage("payload of 65 bytes, at most 64")
        .extracting("closeCode")
        .isEqualTo(1009);
  }

  @Test
  void refusesMorePacketsThanAllowedBeforeReadingThem() {
    assertThatThrownBy(() -> decode("\u001e".repeat(4)))
        .hasMessage("payload of 5 packets, at most 4")
        .extracting("closeCode")
        .isEqualTo(1009);
  }

  @Test
  void writesWhatItReads() {
    ByteBuffer body =
        PollingPayload.encode(List.of(text("4€"), binary(1, 2, 3, 4), binary(), text("6")));

    assertThat(UTF_8.decode(body).toString()).isEqualTo("4€\u001ebAQIDBA==\u001eb\u001e6");
  }

  @Test
  void lengthIsThatOfTheEncodedPacket() {
    List<EnginePacket> packets =
        List.of(text("4€"), binary(), binary(1), binary(1, 2), binary(1, 2, 3), binary(1, 2, 3, 4));

    assertThat(packets.stream().map(PollingPayload::length).collect(Collectors.toList()))
        .isEqualTo(
            packets.stream()
                .map(packet -> (long) PollingPayload.encode(List.of(packet)).remaining())
                .collect(Collectors.toList()));
  }

  @Test
  void hasNoEmptyPayload() {
    assertThatThrownBy(() -> PollingPayload.encode(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void onlyAMessageIsBinary() {
    assertThatThrownBy(() -> new EnginePacket(true, EnginePacketType.PING, bytes("")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a binary packet of type PING");
  }

  @Test
  void everyTypeHasItsDigit() throws ProtocolException {
    for (EnginePacketType type : EnginePacketType.values()) {
      assertThat(EnginePacketType.ofDigit(type.digit())).isEqualTo(type);
    }
  }

  private static List<EnginePacket> decode(String payload) throws ProtocolException {
    return PollingPayload.decode(bytes(payload), LIMITS);
  }

  private static EnginePacket text(String frame) {
    try {
      return EnginePacket.text(bytes(frame));
    } catch (ProtocolException malformed) {
      throw new AssertionError(malformed);
    }
  }

  private static EnginePacket binary(int... data) {
    byte[] bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      bytes[i] = (byte) data[i];
    }
    return EnginePacket.binary(ByteBuffer.wrap(bytes));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
