package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits for a client that is away is merged before it becomes too much. */
class CompactionTest {
  private static final int ENOUGH = 60;

  private final Conversation it = Conversation.live(OffsetStyle.ARGUMENT);

  CompactionTest() throws ProtocolException {
    it.node.compactor = Optional.of(new Texts());
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private static String text(char letter, String text) {
    return "42[\"" + letter + "\",\"" + text + "\"]";
  }

  /** Events that merge with nothing, so much that the log is compacted. */
  private void fill() throws ProtocolException {
    for (int i = 0; i < 12; i++) {
      it.down("42[\"fill\",\"" + "x".repeat(1000) + "\"]");
    }
  }

  private String shown(int index) {
    return it.shown().get(index);
  }

  @Test
  void textsOfARunBecomeOneWithTheOffsetOfTheLast() throws ProtocolException {
    it.cut();
    it.down(text('a', "1"), text('b', "2"), text('a', "3"), "42[\"other\"]", text('b', "4"));
    it.down(text('a', "5"));
    fill();

    assertThat(it.node.merged).isEqualTo(3);
    assertThat(it.waiting()).isEqualTo(15);
    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.RECOVERED);
    assertThat(it.shown()).hasSize(16);
    assertThat(shown(1)).isEqualTo("42[\"other\",\"tagtag.4\"]");
    assertThat(shown(2)).isEqualTo("42[\"b\",\"24\",\"tagtag.5\"]");
    assertThat(shown(3)).isEqualTo("42[\"a\",\"135\",\"tagtag.6\"]");
    it.confirm();
    assertThat(it.delivered).isEqualTo(15);
  }

  @Test
  void packetsThatAreNoPlainEventsPartEveryRun() throws ProtocolException {
    String[] parting = {"421[\"call\"]", "431[]", "42/other,[\"e\"]", "42[\"end\"]"};
    it.cut();
    it.down(text('a', "0"));
    for (String each : parting) {
      it.down(each, text('a', "1"));
    }
    it.down("451-[\"b\",{\"_placeholder\":true,\"num\":0}]", "<att>", text('a', "2"));
    fill();

    assertThat(it.node.merged).isZero();
  }

  @Test
  void whatATransportWasGivenIsNotMerged() throws ProtocolException {
    it.down(text('a', "1"), text('a', "2"));
    it.cut();
    it.down(text('a', "3"), text('a', "4"));
    fill();

    assertThat(it.node.merged).isEqualTo(1);
    assertThat(it.resume(1, "tagtag.1")).isEqualTo(Result.RECOVERED);
    assertThat(shown(1)).isEqualTo("42[\"a\",\"2\",\"tagtag.2\"]");
    assertThat(shown(2)).isEqualTo("42[\"a\",\"34\",\"tagtag.4\"]");
  }

  @Test
  void replayThatNoTransportHasTakenIsNotMergedBecauseAnEarlierOneMayHaveBeenGivenIt()
      throws ProtocolException {
    it.down(text('a', "1"), text('a', "2"), text('a', "3"));
    it.cut();
    it.nextTaking = false;
    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.RECOVERED);
    it.cut();
    fill();
    it.nextTaking = true;

    assertThat(it.resume(1, "tagtag.2")).isEqualTo(Result.RECOVERED);
    assertThat(shown(1)).isEqualTo("42[\"a\",\"3\",\"tagtag.3\"]");
  }

  @Test
  void secondReplyKeepsItsPlaceAndIsConfirmedLikeTheFirst() throws ProtocolException {
    it.overlap();
    it.timers.pass(Conversation.OVERLAP);
    it.cut();
    it.down(text('a', "1"), text('a', "2"));
    fill();

    assertThat(it.node.merged).isEqualTo(1);
    assertThat(it.resume(2, "tagtag.1")).isEqualTo(Result.RECOVERED);
    it.confirm();
    assertThat(it.waiting()).isZero();
  }

  @Test
  void limitsAreKeptByMergingUntilNothingIsLeftToMerge() throws ProtocolException {
    it.cut();

    for (int i = 0; i < 10 * ENOUGH; i++) {
      it.down(text('a', "x"));
      assertThat(it.waiting()).isLessThanOrEqualTo(Conversation.OUTBOX.events());
    }
    assertThat(it.session.isClosed()).isFalse();
    for (int i = 0; i < ENOUGH; i++) {
      it.down(text('a', "x".repeat(1000)));
    }

    assertThat(it.heard).endsWith("ended outbox-full", "unparked");
  }

  @Test
  void readThatIsTooMuchIsMergedBeforeItEndsTheSession() throws ProtocolException {
    it.cut();
    String[] read = new String[600];
    Arrays.fill(read, text('a', "x"));

    it.down(read);

    assertThat(it.session.isClosed()).isFalse();
    assertThat(it.node.merged).isEqualTo(599);
  }

  @Test
  void clientThatIsThereGetsEveryEvent() throws ProtocolException {
    it.transport.taking = false;
    it.down(text('a', "1"), text('a', "2"));
    fill();

    assertThat(it.node.merged).isZero();
  }

  @Test
  void markersAreNotMergedOver() throws ProtocolException {
    Conversation marked = Conversation.live(OffsetStyle.MARKER);
    marked.node.compactor = Optional.of(new Texts());
    marked.cut();
    for (int i = 0; i < 400; i++) {
      marked.down(text('a', "x"));
    }

    assertThat(marked.node.merged).isZero();
  }

  @Test
  void nothingIsMergedWithoutMemoryForIt() throws ProtocolException {
    it.cut();
    it.down(text('a', "1"), text('a', "2"));
    for (int i = 0; i < 9; i++) {
      it.down("42[\"fill\",\"" + "x".repeat(1000) + "\"]");
    }
    ByteBuffer taken =
        Objects.requireNonNull(it.outboxes.take((int) ((1 << 20) - it.outboxes.taken())));
    it.down("42[\"fill\",\"" + "x".repeat(1000) + "\"]");

    assertThat(it.node.merged).isZero();
    assertThat(it.outboxes.taken()).isEqualTo(1 << 20);
    it.outboxes.give(taken);
    assertThat(it.resume(1, "tagtag.0")).isEqualTo(Result.RECOVERED);
    assertThat(shown(1)).isEqualTo("42[\"a\",\"1\",\"tagtag.1\"]");
  }

  @Test
  void compactorThatMakesNoEventEndsItsSession() throws ProtocolException {
    it.node.compactor =
        Optional.of(
            event ->
                Optional.of(
                    new Compactor.Run() {
                      @Override
                      public Compactor.Step next(byte[] next) {
                        return Compactor.Step.MERGED;
                      }

                      @Override
                      public byte[] merged() {
                        return new byte[] {'{', '}'};
                      }
                    }));
    it.cut();
    fill();

    assertThat(it.heard).contains("ended internal");
  }
}
