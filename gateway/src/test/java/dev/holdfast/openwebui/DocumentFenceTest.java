package dev.holdfast.openwebui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.LinkFence.Link;
import dev.holdfast.session.LinkFence.Sign;
import dev.holdfast.session.LinkFence.What;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentFenceTest {
  private static final long LARGE = -1; // 2^64 − 1 without a sign

  private final SharedDocument shared =
      new SharedDocuments(new SplittableRandom(1)).between("a", "b", 0);
  private final String document = shared.id();
  private final DocumentFence fence =
      new DocumentFence(new SplittableRandom(1), () -> shared, link -> false);

  DocumentFenceTest() {
    fence.open();
  }

  private static String text(byte[] packet) {
    return new String(packet, StandardCharsets.UTF_8);
  }

  private static Message message(String packet) {
    return new Message()
        .ofFrame(ByteBuffer.wrap(TextFrame.of(packet.getBytes(StandardCharsets.UTF_8))), false);
  }

  private Sign sign(String packet) {
    return fence.sign(message(packet.replace("DOC", document)));
  }

  @Test
  void linksJoinAndLeaveTheSharedDocument() {
    assertThat(text(fence.join(7)))
        .startsWith("427[\"ydoc:document:join\",{\"document_id\":\"" + document + "\"");
    assertThat(text(fence.leave(8)))
        .isEqualTo("428[\"ydoc:document:leave\",{\"document_id\":\"" + document + "\"}]");
  }

  @RepeatedTest(20)
  void numberSaysWhichLinkItIsSentOver() {
    assertThat(fence.sentOver(fence.nextNumber(Link.OLD))).isEqualTo(Link.OLD);
    assertThat(fence.sentOver(fence.nextNumber(Link.NEXT))).isEqualTo(Link.NEXT);
    assertThat(fence.nextNumber(Link.OLD)).isNotEqualTo(fence.nextNumber(Link.OLD));
  }

  @Test
  void numbersAreSentWithoutASign() {
    assertThat(text(fence.probe(LARGE))).isEqualTo("40/hf18446744073709551615,");
    assertThat(text(fence.announce(LARGE))).endsWith("\"update\":[18446744073709551615]}]");
  }

  @RepeatedTest(20)
  void whatIsSentIsReadAgain() {
    long number = fence.nextNumber(Link.NEXT);

    assertThat(sign("44" + text(fence.probe(number)).substring(2) + "\"Unable to connect\""))
        .isEqualTo(new Sign(What.ANSWERED, number));
    assertThat(sign(text(fence.announce(number)))).isEqualTo(new Sign(What.ARRIVED, number));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "44/hf18446744073709551615,\"Unable to connect\" | ANSWERED | -1",
        "44/hf0,{\"message\":\"Invalid namespace\"} | ANSWERED | 0",
        "42[\"ydoc:document:state\",{\"document_id\":\"DOC\",\"state\":[0,0],\"content\":null}] | JOINED | 0",
        "42[\"ydoc:document:state\", {\"state\": [0, 0], \"sessions\": [], \"document_id\": \"DOC\"}] | JOINED | 0",
        "42[\"ydoc:user:joined\",{\"document_id\":\"DOC\"}] | OTHER | 0",
        "42[\"ydoc:user:left\",{\"document_id\":\"DOC\"}] | OTHER | 0",
        "42[\"ydoc:awareness:update\",{\"document_id\":\"DOC\",\"user_id\":\"u\",\"update\":[17]}] | ARRIVED | 17",
        "42[\"ydoc:awareness:update\",{\"update\":[17],\"document_id\":\"DOC\"}] | ARRIVED | 17"
      })
  void packetsOfOursAreKnown(String packet, What what, long number) {
    assertThat(sign(packet)).isEqualTo(new Sign(what, number));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "44/hf,\"Unable to connect\"",
        "44/hfx,\"Unable to connect\"",
        "44/hf1\"Unable to connect\"",
        "44/hf18446744073709551616,\"Unable to connect\"",
        "44/hf184467440737095516150,\"Unable to connect\"",
        "44/admin,\"Unable to connect\"",
        "44",
        "4",
        "2",
        "42[\"ydoc:document:state\",{\"document_id\":\"note:1\"}]",
        "42[\"ydoc:document:update\",{\"document_id\":\"note:DOC\"}]",
        "42[\"ydoc:awareness:update\",{\"document_id\":\"x\",\"text\":\"DOC\"}]",
        "42[\"ydoc:awareness:update\",\"DOC\"",
        "42[\"ydoc:awareness:update\",{\"document_id\":[\"DOC\"]}]",
        "42[\"events\",{\"document_id\":\"DOC\"}]"
      })
  void packetsOfOthersAreLeftAlone(String packet) {
    assertThat(sign(packet)).isEqualTo(Sign.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "42[\"events\",{\"chat_id\":\"c\",\"message_id\":\"m\",\"user_id\":\"u\",\"shared\":true,\"data\":{}}] | true",
        "42[\"events\",{\"chat_id\":\"c\",\"message_id\":\"m\",\"data\":{\"content\":\"\\\"shared\\\":true\"}}] | false",
        "42[\"events\",{\"chat_id\":\"c\",\"shared\":false}] | false",
        "42[] | false"
      })
  void copiesForOtherTabsAreKnown(String event, boolean copy) {
    assertThat(fence.isCopy(event.getBytes(StandardCharsets.UTF_8))).isEqualTo(copy);
  }

  @Test
  void callsHaveIdsThatNoPageReaches() {
    long call = fence.nextCall();

    assertThat(call).isGreaterThan(1L << 48);
    assertThat(Long.toString(call)).hasSizeLessThanOrEqualTo(15);
    assertThat(fence.nextCall()).isEqualTo(call + 1);
  }
}
