package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionState.Effect;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The moves of one session to other upstreams, and to another node, one at a time. Confined to its
 * session.
 */
final class Moves {
  /** Without anything from the upstream for so long, nobody is in the middle of something. */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Parts parts;
  private final Cession cession;
  private final PendingAnswers answers;
  private @Nullable Handover present;

  /** One that came to nothing, and whose next link may have brought what the old one will not. */
  private @Nullable Handover failed;

  private long lastRead;

  Moves(Parts parts) {
    this.parts = parts;
    this.cession = new Cession(parts);
    this.answers = new PendingAnswers(parts);
  }

  /** Whether one to another upstream is going on. */
  boolean areGoing() {
    return present != null;
  }

  /** The upstream has said something. */
  void linkRead() {
    lastRead = parts.setup().timers().nanoTime();
  }

  /**
   * Whether one to another upstream may begin now. Without fences it had better begin while the
   * upstream says nothing.
   *
   * @param late even if nobody would choose this moment
   */
  boolean mayBegin(boolean late) {
    boolean easy = nobodyWaits() && (parts.surroundings().mayFence() || isQuiet());
    return !areOffered() && (late || easy);
  }

  /** The same for one to another node. */
  boolean mayCede(boolean late) {
    return !areOffered() && (late || (nobodyWaits() && isQuiet()));
  }

  private boolean nobodyWaits() {
    return !parts.calls().areOpen() && !parts.downlink().isGone();
  }

  private boolean isQuiet() {
    return parts.setup().timers().nanoTime() - lastRead >= QUIET.toNanos();
  }

  /** Whether another node may own the session already. */
  boolean areOffered() {
    return cession.isOffered();
  }

  /** Begins to give the session to the node that its client is on, if it is on another one. */
  void cede() {
    cession.begin();
  }

  /** The client has confirmed something, or takes more. */
  void look() {
    cession.look();
  }

  /** One end of the session is lost: it stays where it is. */
  void stay() {
    cession.stop();
  }

  /** The old link has brought this, and it was passed on. */
  void old(Message message) throws ProtocolException {
    if (failed != null) {
      failed.old(message);
    }
    if (present != null) {
      present.old(message);
    }
    answers.pass();
  }

  /** The present link is lost. */
  void linkLost() {
    stay();
    parts.downwards().forgetPart();
    answers.pass();
    parts.downwards().flush();
    Handover over = failed;
    failed = null;
    if (over != null) {
      over.oldLost();
    }
  }

  /** Does what a step wants done about them. */
  void perform(Effect effect) {
    switch (effect) {
      case OPEN_NEXT -> {
        cession.stop();
        present = new Handover(parts, answers);
        present.begin();
      }
      case OVERLAP -> Objects.requireNonNull(present).overlap();
      case SWITCH -> end(Handover::finish);
      case STAY -> {
        forgetFailed();
        failed = present;
        end(handover -> handover.stay(this::forgetFailed));
      }
      case DROP_NEXT -> end(Handover::abandon);
      default -> throw new IllegalArgumentException(effect + " is no business of moves");
    }
  }

  private void end(Consumer<Handover> how) {
    Handover ended = present;
    present = null;
    if (ended != null) {
      how.accept(ended);
    }
  }

  private void forgetFailed() {
    if (failed != null) {
      failed.forget();
      failed = null;
    }
  }

  /** The session ends. */
  void close(CloseReason reason) {
    cession.end();
    forgetFailed();
    end(handover -> handover.drop(reason));
    answers.forget();
  }
}
