package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.openwebui.DocumentFence;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A session is moved between two upstreams that know fences. */
class FencedHandoverTest {
  private static final Duration LAG = Conversation.LAG;
  private static final String STATE = "42[\"ydoc:document:state\",{\"document_id\":\"%s\"}]";
  private static final String JOINED = "42[\"ydoc:user:joined\",{\"document_id\":\"%s\"}]";
  private static final String UPDATE =
      "42[\"ydoc:awareness:update\",{\"document_id\":\"%s\",\"user_id\":\"u\",\"update\":[%s]}]";

  private final Conversation it;
  private final Hop.Receiver first;

  /** How much of what the links were sent the upstreams have answered. */
  private int readOfOld;

  private int readOfNext;
  private boolean oldStands;
  private boolean nextStands;
  private boolean ignoresDocuments;
  private boolean refusesDocuments;
  private String document = "";
  private final List<String> late = new ArrayList<>();

  FencedHandoverTest() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
    it.fence = fence();
    first = it.upstream;
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private LinkFence fence() {
    SharedDocuments documents = new SharedDocuments(new SplittableRandom(1));
    return new DocumentFence(
        new SplittableRandom(2),
        () -> documents.between("a", "b", it.timers.nanoTime()),
        over -> false);
  }

  private void overlap() throws ProtocolException {
    it.session.move(true);
    run(LAG);
    it.next("40{\"sid\":\"s2\"}");
    it.confirm();
  }

  /** Time passes, in which upstreams that do not stand still answer what they are sent. */
  private void run(Duration time) throws ProtocolException {
    for (long ms = 0; ms < time.toMillis(); ms += 10) {
      it.timers.pass(Duration.ofMillis(10));
      for (boolean again = true; again; ) {
        int before = readOfOld + readOfNext;
        while (!oldStands && readOfOld < it.link.packets.size()) {
          answer(it.link.packets.get(readOfOld++), true);
        }
        while (!nextStands && readOfNext < it.nextLink.packets.size()) {
          answer(it.nextLink.packets.get(readOfNext++), false);
        }
        again = readOfOld + readOfNext > before;
      }
    }
  }

  private void answer(String packet, boolean old) throws ProtocolException {
    if (packet.startsWith("40/hf")) {
      bring(old, "44" + packet.substring(2) + "\"Unable to connect\"");
    } else if (ignoresDocuments) {
      return;
    } else if (refusesDocuments && packet.contains("ydoc:document")) {
      bring(old, "43" + packet.replaceAll("^42|\\[.*", "") + "[]");
    } else if (packet.contains("ydoc:document:join")) {
      document = packet.replaceFirst(".*\"document_id\":\"([^\"]*)\".*", "$1");
      bring(old, STATE.formatted(document), "43" + packet.replaceAll("^42|\\[.*", "") + "[]");
      bring(!old, JOINED.formatted(document));
    } else if (packet.contains("ydoc:awareness:update")) {
      bring(!old, UPDATE.formatted(document, packet.replaceFirst(".*\\[(\\d+)].*", "$1")));
    } else if (packet.contains("ydoc:document:leave")) {
      bring(old, "43" + packet.replaceAll("^42|\\[.*", "") + "[]");
    }
  }

  /** A link that is still heard brings this, in its order when its upstream stands still. */
  private void bring(boolean old, String... packets) throws ProtocolException {
    FakeHop hop = old ? it.link : it.nextLink;
    if (!old && nextStands) {
      late.addAll(List.of(packets));
    } else if (hop.closed.isEmpty()) {
      Read.ofUpstream(packets).tell(old ? first : it.nextUpstream);
    }
  }

  private static List<String> fencesOf(FakeHop hop) {
    return hop.packets.stream().filter(packet -> packet.contains("awareness")).toList();
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

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatOnlyTheNextLinkHasBroughtIsKnownWhenBothBreak(boolean nextFirst)
      throws ProtocolException {
    it.down("420[\"wait\"]");
    overlap();
    for (int said = 0; said < 60; said++) {
      sayOnBoth("ha");
    }
    bring(false, "42[\"a\",\"ha\"]", "42[\"a\",\"end\"]");

    if (nextFirst) {
      it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
      first.closed(CloseReason.UPSTREAM_CLOSED);
    } else {
      first.closed(CloseReason.UPSTREAM_CLOSED);
      it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
    }

    assertThat(it.shown().stream().filter(packet -> packet.contains("\"a\""))).hasSize(62);
    assertThat(it.heard).doesNotContain("moved LINK_LOST", "both links lost");
  }

  private void sayOnBoth(String word) throws ProtocolException {
    String packet = "42[\"a\",\"" + word + "\"]";
    bring(true, packet);
    bring(false, packet);
    run(Duration.ofMillis(50));
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

  @Test
  void overlapEndsInTimeThoughNoFenceComes() throws ProtocolException {
    oldStands = true;
    overlap();
    it.down("42[\"a\",1]");
    run(Conversation.OVERLAP.minusMillis(50));
    assertThat(it.heard).doesNotContain("moved OUT_OF_TIME");

    run(Duration.ofMillis(100));

    assertThat(it.heard).contains("moved OUT_OF_TIME");
  }

  /** How a move can end. */
  enum End {
    SWITCHED,
    NEXT_LOST_EARLY,
    NEXT_LOST,
    OLD_LOST,
    CLOSED,
    CLIENT_CONNECTS_AGAIN
  }

  @ParameterizedTest
  @EnumSource
  void linkThatGoesOnLeavesTheDocument(End end) throws ProtocolException {
    if (end == End.NEXT_LOST_EARLY) {
      it.session.move(true);
      run(LAG);
    } else {
      overlap();
      run(LAG.dividedBy(2));
    }
    switch (end) {
      case SWITCHED -> run(LAG.multipliedBy(2));
      case NEXT_LOST, NEXT_LOST_EARLY -> it.nextUpstream.closed(CloseReason.UPSTREAM_CLOSED);
      case OLD_LOST -> first.closed(CloseReason.UPSTREAM_CLOSED);
      case CLOSED -> it.session.close(CloseReason.KICKED);
      case CLIENT_CONNECTS_AGAIN -> it.up("40{\"token\":\"t\"}");
    }

    Stream<FakeHop> left =
        switch (end) {
          case NEXT_LOST, NEXT_LOST_EARLY -> Stream.of(it.link);
          case OLD_LOST -> Stream.of(it.nextLink);
          default -> Stream.of(it.link, it.nextLink);
        };
    assertThat(left)
        .allSatisfy(hop -> assertThat(hop.packets).anyMatch(it -> it.contains("document:leave")));
  }

  @Test
  void answersThatComeBehindTheLeavingAreTakenOutAndThenNothingIs() throws ProtocolException {
    overlap();
    it.down("42[\"a\",1]");
    it.next("42[\"a\",1]");
    run(LAG.multipliedBy(3));
    assertThat(it.heard).contains("moved ALIGNED");
    int shown = it.shown().size();

    run(LAG);
    assertThat(it.shown()).hasSize(shown);
    bring(false, JOINED.formatted(document));

    assertThat(it.shown())
        .as("the document is left: what names it is somebody else's")
        .hasSize(shown + 1);
  }
}
