package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.SessionSnapshot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The message with which a node hands a session off. */
class HandoffMessageTest {
  private static final Token FIRST = new Token(TokenHash.of("1"), null, Token.NEVER);
  private static final Token SECOND = new Token(TokenHash.of("2"), "user", 1_900_000_000L);
  private static final HandoffMessage HANDOFF_MESSAGE =
      new HandoffMessage(
          new SessionSnapshot(
              "tag",
              7,
              true,
              false,
              List.of(new SessionSnapshot.Given("a.pid", "40{\"sid\":\"s\",\"pid\":\"a.pid\"}")),
              true,
              "40{\"token\":\"t\u00fcr\"}",
              "40{\"sid\":\"s\"}",
              3,
              List.of(2L, 3L),
              Map.of("heartbeat", "AQ==")),
          new Ownership.Kept(FIRST.hash(), SECOND.hash(), "user", List.of(FIRST, SECOND)),
          "open-webui:8080");

  private static Message message(byte[] packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
  }

  private static Message message(String packet) {
    return message(packet.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsReadIsWhatWasWritten() throws ProtocolException {
    Message packet = message(HANDOFF_MESSAGE.packet());

    assertThat(HandoffMessage.is(packet)).isTrue();
    assertThat(HandoffMessage.read(packet)).isEqualTo(HANDOFF_MESSAGE);
  }

  @Test
  void whatANewerNodeSaysBesidesIsLeftAside() throws ProtocolException {
    String text = new String(HANDOFF_MESSAGE.packet(), StandardCharsets.UTF_8);

    assertThat(HandoffMessage.read(message(text.replace("{\"tag\"", "{\"later\":[1],\"tag\""))))
        .isEqualTo(HANDOFF_MESSAGE);
  }

  @Test
  void otherPacketsAreNoWills() {
    assertThat(HandoffMessage.is(message("42[\"event\"]"))).isFalse();
    assertThatThrownBy(() -> HandoffMessage.read(message("6{")))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void packetThatSaysNothingIsRefused() {
    assertThatThrownBy(() -> HandoffMessage.read(message("6null")))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("null");
  }
}
