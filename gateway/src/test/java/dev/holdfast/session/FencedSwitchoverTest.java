package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session is moved between two upstreams that know fences. */
class FencedSwitchoverTest extends FencedConversation {
  FencedSwitchoverTest() throws ProtocolException {}

  private static List<String> fencesOf(FakeConnection connection) {
    return connection.packets.stream().filter(packet -> packet.contains("awareness")).toList();
  }

  @Test
  void linksJoinADocumentThatNobodyElseKnows() throws ProtocolException {
    overlap();
    run(LAG);

    assertThat(it.link.packets.get(0)).startsWith("42").contains("join", "\"document_id\":\"hf:");
    assertThat(it.nextLink.packets.get(1)).startsWith("40/hf");
    assertThat(it.nextLink.packets.get(2)).contains("ydoc:document:join", document);
  }

  @Test
  void idleSessionNeedsOnePairOfFences() throws ProtocolException {
    overlap();
    run(LAG.multipliedBy(2));

    assertThat(it.heard).contains("moved ALIGNED");
    assertThat(fencesOf(it.link)).hasSize(1);
    assertThat(fencesOf(it.nextLink)).hasSize(1);
  }

  @Test
  void fenceIsOneWriteOfItsProbeAndItsAnnouncement() throws ProtocolException {
    overlap();
    run(LAG.multipliedBy(2));

    String number = fencesOf(it.nextLink).get(0).replaceFirst(".*\\[(\\d+)].*", "$1");
    assertThat(it.nextLink.packets)
        .containsSequence("40/hf" + number + ",", fencesOf(it.nextLink).get(0));
    assertThat(it.nextLink.writes.stream().filter(write -> write.length > 80)).isNotEmpty();
  }

  @Test
  void nothingOfItReachesTheClient() throws ProtocolException {
    overlap();
    it.down("42[\"a\",1]");
    run(LAG);
    bring(false, UPDATE.formatted(document, 5), JOINED.formatted(document));
    run(LAG.multipliedBy(2));

    assertThat(it.heard).contains("moved ALIGNED");
    assertThat(it.shown()).noneMatch(packet -> packet.contains("hf") || packet.contains("ydoc"));
    assertThat(it.shown()).noneMatch(packet -> packet.startsWith("43") || packet.startsWith("44"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "44/hf1,\"Unable to connect\"",
        "44/hf,\"Unable to connect\"",
        "44/hf99999999999999999999999,\"Unable to connect\"",
        "42[\"ydoc:awareness:update\",{\"document_id\":\"note:1\",\"update\":[1]}]",
        "42[\"ydoc:document:state\",{\"document_id\":\"hf:other\"}]",
        "430[]"
      })
  void whatIsNotOursGoesToTheClient(String packet) throws ProtocolException {
    overlap();
    run(LAG.dividedBy(2));

    it.down(packet);

    assertThat(it.shown().get(it.shown().size() - 1))
        .startsWith(packet.substring(0, packet.length() - 1));
  }

  @Test
  void nothingStandsBetweenAPacketAndItsAttachments() throws ProtocolException {
    String packet = "451-[\"up\",{\"_placeholder\":true,\"num\":0}]";
    it.up(packet);
    overlap();
    it.down("42[\"a\",1]");
    run(LAG.multipliedBy(2));
    assertThat(it.link.packets).noneMatch(sent -> sent.contains("hf"));
    assertThat(it.nextLink.packets).noneMatch(sent -> sent.contains("hf"));

    it.up("<data>");
    run(LAG.multipliedBy(2));

    assertThat(it.link.packets).containsSequence(packet, "<data>");
    assertThat(it.heard).contains("moved ALIGNED");
  }

  @Test
  void nextUpstreamGetsNothingOfTheClientBeforeTheOldOneHasReadTheRest() throws ProtocolException {
    oldStands = true;
    it.up("42[\"up\",1]");
    overlap();
    it.up("42[\"up\",2]");
    run(LAG);
    assertThat(it.link.packets).contains("42[\"up\",1]").doesNotContain("42[\"up\",2]");
    assertThat(it.nextLink.packets).doesNotContain("42[\"up\",2]");

    oldStands = false;
    run(LAG.dividedBy(10));

    assertThat(it.nextLink.packets).contains("42[\"up\",2]");
  }

  @Test
  void textIsNotTornWhenTheNextUpstreamStandsStillForLong() throws ProtocolException {
    overlap();
    run(LAG);
    nextStands = true;
    int said = 0;
    for (; said < 30; said++) {
      sayOnBoth("ha");
    }
    nextStands = false;
    bring(false, late.toArray(String[]::new));
    for (; said < 130 && !it.heard.contains("moved ALIGNED"); said++) {
      sayOnBoth("ha");
    }
    bring(false, "42[\"a\",\"end\"]");

    assertThat(it.heard).contains("moved ALIGNED");
    assertThat(it.shown().stream().filter(packet -> packet.contains("ha"))).hasSize(said);
    assertThat(it.shown().get(it.shown().size() - 1)).contains("end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42[\"events\",{\"chat_id\":\"c\",\"message_id\":\"m\",\"n\":%d}]",
        "42[\"events\",{\"chat_id\":\"c\",\"message_id\":\"m\",\"shared\":true,\"n\":%d}]"
      })
  void eventThatTheNextLinkBringsBehindTheSwitchIsDropped(String event) throws ProtocolException {
    it.down("420[\"wait\"]");
    overlap();
    int said = 0;
    for (; said < 60; said++) {
      bring(true, event.formatted(said));
      bring(false, event.formatted(said));
      run(Duration.ofMillis(50));
    }
    assertThat(it.heard).doesNotContain("moved ALIGNED");
    bring(true, event.formatted(said));
    it.up("430[]");
    run(Duration.ofMillis(60));
    assertThat(it.heard).contains("moved ALIGNED");

    bring(false, event.formatted(said), event.formatted(said + 1));

    assertThat(it.shown().stream().filter(packet -> packet.contains("chat_id"))).hasSize(said + 2);
  }

  @Test
  void sessionThatIsNeverQuietMovesAllTheSame() throws ProtocolException {
    bring(true, "42[\"a\",\"the\"]");
    assertThat(it.session.move(false)).isTrue();
  }

  @Test
  void sessionThatSomebodyAsksDoesNotMoveYet() throws ProtocolException {
    bring(true, "420[\"wait\"]");
    assertThat(it.session.move(false)).isFalse();

    it.up("430[]");
    assertThat(it.session.move(false)).isTrue();
  }

  @Test
  void upstreamThatDoesNotKnowDocumentsIsAlignedByContent() throws ProtocolException {
    refusesDocuments = true;
    overlap();
    run(LAG.multipliedBy(3));

    assertThat(it.heard).contains("moved NO_FENCES");
    assertThat(it.shown()).noneMatch(packet -> packet.startsWith("43"));
  }

  @Test
  void upstreamThatIgnoresDocumentsIsAlignedByContent() throws ProtocolException {
    ignoresDocuments = true;
    overlap();
    it.down("42[\"a\",1]");
    it.next("42[\"a\",1]", "42[\"a\",2]");
    run(LAG.multipliedBy(4));

    assertThat(it.heard).contains("moved NO_FENCES");
    assertThat(it.shown()).endsWith("42[\"a\",1,\"tagtag.2\"]", "42[\"a\",2,\"tagtag.3\"]");
  }
}
