package dev.holdfast.session;

import static dev.holdfast.session.Conversation.EVENT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.session.PacketStage.Verdict;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets pass the stages that want them, and a session survives a stage that fails. */
class PacketStagesTest {
  private static final int PASSES = 10_000;

  private static final String REPLY = "40{\"sid\":\"s\"}";

  private final FakeStage up =
      new FakeStage("up", Direction.TO_UPSTREAM, PacketFilter.event("hello"));
  private final FakeStage down =
      new FakeStage("down", Direction.TO_CLIENT, PacketFilter.eventsBeginning("chat:"));
  private final Conversation it = new Conversation(OffsetStyle.ARGUMENT, up, down);

  PacketStagesTest() throws ProtocolException {
    it.connected();
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static StageContext of(FakeStage stage) {
    return Objects.requireNonNull(stage.session);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42[\"hello2\"]",
        "42[\"hell\"]",
        "42[1,\"hello\"]",
        "42/n,[\"hello\"]",
        "42[\"chat:a\"]"
      })
  void packetsThatNobodyWantsAreNotShown(String packet) throws ProtocolException {
    it.up(packet);

    assertThat(up.seen).isEmpty();
    assertThat(down.seen).isEmpty();
    assertThat(it.link.packets).containsExactly(packet);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42[\"hello\",1]",
        "427[\"hello\"]",
        "42[ \"hello\"]",
        "42[\"\\u0068ello\"]",
        "42/,[\"hello\"]"
      })
  void eventsAreShownByNameHoweverThatIsWritten(String packet) throws ProtocolException {
    it.up(packet);

    assertThat(up.seen).containsExactly(packet);
    assertThat(it.link.packets).containsExactly(packet);
  }

  @Test
  void packetsAreShownByTypeAndNamespace() throws ProtocolException {
    FakeStage answers =
        new FakeStage("answers", Direction.BOTH, PacketFilter.types(SocketPacketType.ACK));
    FakeStage others =
        new FakeStage(
            "others", Direction.BOTH, PacketFilter.typesInOtherNamespaces(SocketPacketType.EVENT));
    Conversation mixed = new Conversation(OffsetStyle.ARGUMENT, answers, others).connected();

    mixed.down("427[\"call\"]", "431[]", "42/n,[1]");
    mixed.up("437[]", "43/n,1[]", "42/n,[2]", "41/n,");

    assertThat(answers.seen).containsExactly("431[]", "437[]");
    assertThat(others.seen).containsExactly("42/n,[1]", "42/n,[2]");
  }

  @Test
  void packetIsShownOnceWithoutItsOffset() throws ProtocolException {
    it.down("42[\"chat:a\"]", EVENT, "451-[\"chat:b\",{\"_placeholder\":true,\"num\":0}]", "<att>");
    it.cut();
    it.resume(1, null);

    assertThat(down.seen)
        .containsExactly("42[\"chat:a\"]", "451-[\"chat:b\",{\"_placeholder\":true,\"num\":0}]");
    assertThat(it.shown()).contains("42[\"chat:a\",\"tagtag.1\"]", "<att>");
  }

  @Test
  void eventsOfBothLinksOfASwitchoverAreShownOnce() throws ProtocolException {
    it.overlap();
    it.down("42[\"chat:a\",1]", "42[\"chat:a\",2]");
    it.next("42[\"chat:a\",2]", "42[\"chat:a\",3]");
    it.confirm();
    it.timers.pass(Conversation.LAG.multipliedBy(3));

    assertThat(down.seen)
        .containsExactly("42[\"chat:a\",1]", "42[\"chat:a\",2]", "42[\"chat:a\",3]");
  }

  @Test
  void droppedPacketTakesItsAttachmentsAlong() throws ProtocolException {
    up.action = (packet, session) -> Verdict.DROP;
    down.action = up.action;

    it.up("452-[\"hello\"]", "<a>", "<b>", "42[\"next\"]");
    it.down("451-[\"chat:a\"]", "<c>", "42[\"next\"]");

    assertThat(it.link.packets).containsExactly("42[\"next\"]");
    assertThat(it.shown()).containsExactly("42[\"next\",\"tagtag.1\"]");
  }

  @Test
  void replacementTakesThePlaceOfAPacketAndKeepsItsAttachments() throws ProtocolException {
    up.action =
        (packet, session) -> {
          session.replace(bytes("451-[\"other\"]"));
          return Verdict.REPLACED;
        };
    down.action =
        (packet, session) -> {
          session.replace(bytes("42[\"other\"]"));
          return Verdict.REPLACED;
        };

    it.up("451-[\"hello\"]", "<a>");
    it.down("42[\"chat:a\"]");

    assertThat(it.link.packets).containsExactly("451-[\"other\"]", "<a>");
    assertThat(it.shown()).containsExactly("42[\"other\",\"tagtag.1\"]");
  }

  @Test
  void laterStageIsShownTheReplacement() throws ProtocolException {
    FakeStage later = new FakeStage("later", Direction.TO_UPSTREAM, PacketFilter.event("other"));
    Conversation two = new Conversation(OffsetStyle.ARGUMENT, up, later).connected();
    up.action =
        (packet, session) -> {
          session.replace(bytes("42[\"other\"]"));
          return Verdict.REPLACED;
        };

    two.up("42[\"hello\"]");

    assertThat(later.seen).containsExactly("42[\"other\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "451-[\"other\"]", "42{}"})
  void stageWithAnImpossibleReplacementIsRemoved(String replacement) throws ProtocolException {
    up.action =
        (packet, session) -> {
          if (!replacement.isEmpty()) {
            session.replace(bytes(replacement));
          }
          return Verdict.REPLACED;
        };

    it.up("42[\"hello\"]");

    assertThat(it.heard).containsExactly("up failed");
    assertThat(it.link.packets).containsExactly("42[\"hello\"]");
  }

  @Test
  void stageThatThrowsIsRemovedAndThePacketPasses() throws ProtocolException {
    up.action =
        (packet, session) -> {
          throw new IllegalStateException("a fault of a stage");
        };

    it.up("42[\"hello\"]", "42[\"hello\"]");
    it.down("42[\"chat:a\"]");

    assertThat(up.seen).hasSize(1);
    assertThat(it.link.packets).containsExactly("42[\"hello\"]", "42[\"hello\"]");
    assertThat(it.heard).containsExactly("up failed");
    assertThat(down.seen).as("what other stages are shown").hasSize(1);
    it.cut();
    assertThat(up.phases).doesNotContain(SessionPhase.PARKED);
  }

  @Test
  void timerThatThrowsRemovesItsStage() throws ProtocolException {
    of(up)
        .timers()
        .after(
            Duration.ofSeconds(1),
            () -> {
              throw new IllegalStateException("a fault of a stage");
            });

    it.timers.pass(Duration.ofSeconds(1));
    it.up("42[\"hello\"]");

    assertThat(it.heard).containsExactly("up failed");
    assertThat(up.seen).isEmpty();
    assertThat(it.session.isClosed()).isFalse();
  }

  @Test
  void whatThrowsInsideTheSessionEndsItAndNotTheStage() {
    it.transport.failing = true;

    assertThat(of(up).sendToClient(bytes("42[\"hi\"]"))).isFalse();

    assertThat(it.heard).contains("ended internal").doesNotContain("up failed");
  }

  @Test
  void packetOfAStageGetsAnOffsetAndIsReplayed() throws ProtocolException {
    it.down("42[\"a\"]");
    assertThat(of(up).sendToClient(bytes("42[\"hi\"]"))).isTrue();
    it.cut();
    it.resume(1, "tagtag.1");

    assertThat(it.shown()).contains("42[\"hi\",\"tagtag.2\"]");
  }

  @Test
  void packetOfAStageGoesBeforeTheOneThatItLooksAt() throws ProtocolException {
    down.action =
        (packet, session) -> {
          assertThat(session.sendToClient(bytes("42[\"hi\"]"))).isTrue();
          assertThat(session.sendToUpstream(bytes("42[\"ho\"]"))).isTrue();
          return Verdict.PASS;
        };

    it.down("42[\"a\"]", "42[\"chat:a\"]");

    assertThat(it.shown())
        .containsExactly(
            "42[\"a\",\"tagtag.1\"]", "42[\"hi\",\"tagtag.2\"]", "42[\"chat:a\",\"tagtag.3\"]");
    assertThat(it.link.packets).containsExactly("42[\"ho\"]");
  }

  @Test
  void packetOfAStageSeparatesNoPacketFromItsAttachments() throws ProtocolException {
    it.down("451-[\"a\"]");
    it.up("451-[\"b\"]");
    assertThat(of(up).sendToClient(bytes("42[\"hi\"]"))).isFalse();
    assertThat(of(up).sendToUpstream(bytes("42[\"hi\"]"))).isFalse();

    it.down("<a>");
    it.up("<b>");

    assertThat(of(up).sendToClient(bytes("42[\"hi\"]"))).isTrue();
    assertThat(of(up).sendToUpstream(bytes("42[\"hi\"]"))).isTrue();
    assertThat(it.link.packets).containsExactly("451-[\"b\"]", "<b>", "42[\"hi\"]");
  }

  @Test
  void packetOfAStageDoesNotWaitForALink() throws ProtocolException {
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);

    assertThat(of(up).sendToUpstream(bytes("42[\"hi\"]"))).isFalse();
    it.down(REPLY);
    assertThat(of(up).sendToUpstream(bytes("42[\"hi\"]"))).isTrue();
  }

  @Test
  void nothingIsSentForAClientThatHasLeft() throws ProtocolException {
    it.up("41");

    assertThat(of(up).sendToClient(bytes("42[\"hi\"]"))).isFalse();
    assertThat(of(up).sendToUpstream(bytes("42[\"hi\"]"))).isFalse();
  }

  @Test
  void stagesAreNotifiedOfEachPhase() throws ProtocolException {
    it.cut();
    it.resume(1, null);
    it.upstream.closed(CloseReason.UPSTREAM_CLOSED);
    it.down(REPLY);
    it.session.close(CloseReason.DRAINED);

    assertThat(up.phases)
        .containsExactly(
            SessionPhase.OPENED,
            SessionPhase.PARKED,
            SessionPhase.RESUMED,
            SessionPhase.LINKED,
            SessionPhase.CLOSED);
  }

  @Test
  void stateOfAStageIsRestoredOnTheNextNodeByItsName() throws ProtocolException {
    up.state = new byte[] {7, -1};
    it.transport.successor = Optional.of("b");
    it.session.handOff(true);
    it.confirm();
    FakeStage same = new FakeStage("up", Direction.TO_UPSTREAM, PacketFilter.event("hello"));
    FakeStage other = new FakeStage("new", Direction.TO_UPSTREAM, PacketFilter.event("hello"));

    Conversation successor = new Conversation(Objects.requireNonNull(it.snapshot), other, same);

    assertThat(same.state).containsExactly(7, -1);
    assertThat(same.phases).containsExactly(SessionPhase.OPENED);
    assertThat(other.state).isEmpty();
    successor.session.close(CloseReason.DRAINED);
  }

  @Test
  void packetThatNobodyWantsAllocatesNothing() throws ProtocolException {
    PassedCount passed = new PassedCount();
    StageChain chain = it.session.stages().chain(Direction.TO_CLIENT, passed);
    Message event = new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(bytes(EVENT))), false);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    pass(chain, event);
    long before = threads.getCurrentThreadAllocatedBytes();

    pass(chain, event);

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1000);
    assertThat(down.seen).isEmpty();
    assertThat(passed.packets).isEqualTo(2 * PASSES);
  }

  private static final class PassedCount implements StageChain.Next {
    private int packets;

    @Override
    public void packet(Message text) {
      packets++;
    }

    @Override
    public void attachment(Message attachment) {}

    @Override
    public void drop() {}

    @Override
    public void flush() {}

    @Override
    public void broken() {}
  }

  private static void pass(StageChain chain, Message event) throws ProtocolException {
    for (int i = 0; i < PASSES; i++) {
      chain.message(event);
    }
  }
}
