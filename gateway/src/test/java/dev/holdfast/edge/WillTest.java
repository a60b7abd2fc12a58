package dev.holdfast.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.Estate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session's next home is told. */
class WillTest {
  private static final Will WILL =
      new Will(
          new Estate(
              "tag",
              7,
              true,
              List.of(new Estate.Given("a.pid", "40{\"sid\":\"s\",\"pid\":\"a.pid\"}")),
              true,
              "40{\"token\":\"t\u00fcr\"}",
              "40{\"sid\":\"s\"}",
              3,
              List.of(2L, 3L),
              true),
          new Ownership.Kept("00ff", "0a", "user"),
          "open-webui:8080");

  private static Message message(byte[] packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
  }

  private static Message message(String packet) {
    return message(packet.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsReadIsWhatWasWritten() throws ProtocolException {
    Message packet = message(WILL.packet());

    assertThat(Will.is(packet)).isTrue();
    assertThat(Will.read(packet)).isEqualTo(WILL);
  }

  @Test
  void whatANewerNodeSaysBesidesIsLeftAside() throws ProtocolException {
    String text = new String(WILL.packet(), StandardCharsets.UTF_8);

    assertThat(Will.read(message(text.replace("{\"tag\"", "{\"later\":[1],\"tag\""))))
        .isEqualTo(WILL);
  }

  @Test
  void otherPacketsAreNoWills() {
    assertThat(Will.is(message("42[\"event\"]"))).isFalse();
    assertThatThrownBy(() -> Will.read(message("6{"))).isInstanceOf(ProtocolException.class);
  }
}
