package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionState.Effect;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The switchovers of one session to other upstreams, and its handoff to another node, one at a
 * time. Confined to its session.
 */
final class Switchovers {
  /** Without anything from the upstream for so long, nobody is in the middle of something. */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Session session;
  private final Parts parts;
  private final Handoff handoff;
  private final PendingAnswers answers;
  private @Nullable LinkSwitchover present;

  /** One that came to nothing, and whose next link may have brought what the old one will not. */
  private @Nullable LinkSwitchover failed;

  private long lastRead;

  Switchovers(Session session, Parts parts) {
    this.session = session;
    this.parts = parts;
    this.handoff = new Handoff(session, parts);
    this.answers = new PendingAnswers(parts, session::isClosed);
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
    boolean easy = nobodyWaits() && (parts.context().mayFence() || isQuiet());
    return !areOffered() && (late || easy);
  }

  /** The same for one to another node. */
  boolean mayHandOff(boolean late) {
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
    return handoff.isOffered();
  }

  /** Begins to give the session to the node that its client is on, if it is on another one. */
  void handOff() {
    handoff.begin();
  }

  /** The client has confirmed something, or takes more. */
  void look() {
    handoff.look();
  }

  /** One end of the session is lost: it stays where it is. */
  void stay() {
    handoff.stop();
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
    LinkSwitchover over = failed;
    failed = null;
    if (over != null) {
      over.oldLost();
    }
  }

  /** Does what a step wants done about them. */
  void perform(Effect effect) {
    switch (effect) {
      case OPEN_NEXT -> {
        handoff.stop();
        present = new LinkSwitchover(session, parts, answers);
        present.begin();
      }
      case OVERLAP -> Objects.requireNonNull(present).overlap();
      case SWITCH -> end(LinkSwitchover::finish);
      case STAY -> {
        forgetFailed();
        failed = present;
        end(switchover -> switchover.stay(this::forgetFailed));
      }
      case DROP_NEXT -> end(LinkSwitchover::abandon);
      default -> throw new IllegalArgumentException(effect + " is no business of switchovers");
    }
  }

  private void end(Consumer<LinkSwitchover> how) {
    LinkSwitchover ended = present;
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
    handoff.end();
    forgetFailed();
    end(switchover -> switchover.drop(reason));
    answers.forget();
  }
}
