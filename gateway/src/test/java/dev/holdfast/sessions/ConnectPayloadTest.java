package dev.holdfast.sessions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Fuzz;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.ResumeRequest;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectPayloadTest {
  private final ConnectPayload json = new ConnectPayload();

  private static Message message(String packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet.getBytes(UTF_8))), true);
  }

  private static Optional<ResumeRequest> request(String packet) throws ProtocolException {
    SocketPacketHeader header = new SocketPacketHeader();
    Message message = message(packet);
    header.read(message);
    return ConnectPayload.resumeRequest(message, header);
  }

  @Test
  void connectSaysWhichSessionItIsFor() throws ProtocolException {
    assertThat(request("40{\"pid\":\"p\",\"offset\":\"t.1\",\"token\":\"ü\"}"))
        .contains(new ResumeRequest("p", "t.1", "ü"));
    assertThat(request("40{\"pid\":\"p\"}")).contains(new ResumeRequest("p", null, null));
    assertThat(request("40/,{\"pid\":\"p\",\"offset\":7}"))
        .contains(new ResumeRequest("p", null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "40",
        "40{}",
        "40\"pid\"",
        "40null",
        "40[\"pid\"]",
        "40{\"pid\":5}",
        "40{\"pid\":",
        "40/admin,{\"pid\":\"p\"}",
        "40{]"
      })
  void otherConnectsMakeNoClaim(String packet) throws ProtocolException {
    assertThat(request(packet)).isEmpty();
  }

  @Test
  void claimsDoNotTellTheirSecrets() {
    assertThat(new ResumeRequest("secret", "t.1", "token").toString())
        .isEqualTo("ResumeRequest[offset=t.1]");
  }

  /** They are for us alone. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "40{\"pid\":\"p\",\"offset\":\"o\",\"token\":\"t\"}; 40{\"token\":\"t\"}",
        "40{\"token\":\"t\",\"offset\":\"o\"}; 40{\"token\":\"t\"}",
        "40{\"pid\":1}; 40{}",
        "40 {\"pid\":1,\"n\":[NaN,-Infinity]}; 40 {\"n\":[NaN,-Infinity]}",
        "407{\"pid\":1}; 407{}",
        "40\"pid\"; 40\"pid\"",
        "40[\"pid\"]; 40[\"pid\"]",
        "40null; 40null",
        "40/,{\"pid\":\"p\"}; 40/,{}",
        "40{ \"token\" : \"t\" }; 40{ \"token\" : \"t\" }",
        "40; 40",
        "40{\"pid\"; 40{\"pid\"",
        "40{\"a\":{\"pid\":1}}; 40{\"a\":{\"pid\":1}}",
      })
  void pidAndOffsetGoNoFurther(String connect, String stripped) {
    assertThat(new String(json.withoutResumeRequest(connect.getBytes(UTF_8)), UTF_8))
        .isEqualTo(stripped);
  }

  @Test
  void tokenIsThatOfTheConnectOrTheJoin() {
    assertThat(ConnectPayload.connectToken("40{\"token\":\"t\"}".getBytes(UTF_8))).contains("t");
    assertThat(ConnectPayload.connectToken("40 {\"token\":\"t\",\"n\":NaN}".getBytes(UTF_8)))
        .contains("t");
    assertThat(ConnectPayload.connectToken("40".getBytes(UTF_8))).isEmpty();
    assertThat(ConnectPayload.connectToken("40\"t\"".getBytes(UTF_8))).isEmpty();
    assertThat(ConnectPayload.connectToken("40{\"token\":1}".getBytes(UTF_8))).isEmpty();
    assertThat(ConnectPayload.joinToken(message("420[\"user-join\",{\"auth\":{\"token\":\"t\"}}]")))
        .contains("t");
    assertThat(
            ConnectPayload.joinToken(
                message("42 [\"user-join\",{\"auth\":{\"token\":\"t\"},\"n\":-Infinity}]")))
        .contains("t");
    assertThat(ConnectPayload.joinToken(message("42[\"user-join\",{}]"))).isEmpty();
    assertThat(ConnectPayload.joinToken(message("42nonsense"))).isEmpty();
  }

  @Test
  void sidIsThatOfTheReply() {
    assertThat(ConnectPayload.sid("40{\"sid\":\"s\"}".getBytes(UTF_8))).contains("s");
    assertThat(ConnectPayload.sid("40{\"sid\":1}".getBytes(UTF_8))).isEmpty();
    assertThat(ConnectPayload.sid("40".getBytes(UTF_8))).isEmpty();
  }

  /** What Python's json emits and JavaScript's JSON.parse refuses. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[\"e\",NaN]; false",
        "[\"e\",-Infinity]; false",
        "[\"e\",{\"a\":[NaN]}]; false",
        "[\"e\"; false",
        "[\"e\",1.5e300,null,{\"a\":[true]}]; true",
        "[\"NaN\"]; true",
      })
  void clientDecodesWhatIsJson(String event, boolean valid) {
    assertThat(json.isValid(event.getBytes(UTF_8))).isEqualTo(valid);
  }

  /** As socket.io-client takes it for an offset: the name, if the event has no arguments. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[\"e\",\"a\\u0062\"]; ab",
        "[\"bare\"]; bare",
        "[\"e\",\"\"]; ''",
        "[\"e\",\"q\\\"]\"]; q\"]",
      })
  void lastTextIsWhatAnEventEndsWith(String event, String text) {
    assertThat(json.lastText(event.getBytes(UTF_8))).contains(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[\"e\",1]", "[\"e\",{\"a\":\"b\"}]", "[]", "", "[", "[x\"]", "[\"e\",[\"x\"]]"})
  void eventsThatEndOtherwiseHaveNone(String event) {
    assertThat(json.lastText(event.getBytes(UTF_8))).isEmpty();
  }

  @Test
  void anyBytesAreReadWithoutHarm() {
    byte[] packet = "40{\"pid\":\"p\",\"offset\":\"o\",\"token\":\"t\"}".getBytes(UTF_8);
    Fuzz.run(
        5_000,
        random -> {
          byte[] damaged = Fuzz.damaged(random, packet);
          Message message = new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(damaged)), true);
          byte[] stripped = json.withoutResumeRequest(damaged);

          assertThat(stripped.length).isLessThanOrEqualTo(damaged.length + 2);
          assertThat(ConnectPayload.connectToken(damaged)).isNotNull();
          assertThat(ConnectPayload.joinToken(message)).isNotNull();
          assertThat(json.lastText(damaged)).isNotNull();
          SocketPacketHeader header = new SocketPacketHeader();
          header.read(message);
          assertThat(ConnectPayload.resumeRequest(message, header)).isNotNull();
        });
  }
}
