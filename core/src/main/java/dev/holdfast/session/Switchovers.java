package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionState.Effect;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The switchovers of one session to other upstreams, and its handoff to another node. Only one of
 * them runs at a time. Confined to its session.
 */
final class Switchovers {
  /** Silence of the upstream after which no exchange is in progress. */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Session session;
  private final Parts parts;
  private final Handoff handoff;
  private final PendingAnswers answers;
  private @Nullable LinkSwitchover present;

  /** A failed switchover whose next link may have delivered events that the old one will not. */
  private @Nullable LinkSwitchover failed;

  private long lastRead;

  Switchovers(Session session, Parts parts) {
    this.session = session;
    this.parts = parts;
    this.handoff = new Handoff(session, parts);
    this.answers = new PendingAnswers(parts, session::isClosed);
  }

  /** Returns whether a switchover to another upstream is in progress. */
  boolean areGoing() {
    return present != null;
  }

  /** Called when the upstream has sent something. */
  void linkRead() {
    lastRead = parts.setup().timers().nanoTime();
  }

  /**
   * Returns whether a switchover to another upstream may begin. Without fences, it is safer while
   * the upstream is silent.
   *
   * @param late whether to begin at an unsuitable moment, too
   */
  boolean mayBegin(boolean late) {
    boolean easy = nobodyWaits() && (parts.context().mayFence() || isQuiet());
    return !areOffered() && (late || easy);
  }

  /** Returns whether a handoff to another node may begin; {@code late} as in {@link #mayBegin}. */
  boolean mayHandOff(boolean late) {
    return !areOffered() && (late || (nobodyWaits() && isQuiet()));
  }

  private boolean nobodyWaits() {
    return !parts.calls().areOpen() && !parts.downlink().isGone();
  }

  private boolean isQuiet() {
    return parts.setup().timers().nanoTime() - lastRead >= QUIET.toNanos();
  }

  /** Returns whether another node may already own the session. */
  boolean areOffered() {
    return handoff.isOffered();
  }

  /** Begins to hand the session off to its client's node, if that is another one. */
  void handOff() {
    handoff.begin();
  }

  /** Called when the client has confirmed something, or its transport is writable. */
  void look() {
    handoff.look();
  }

  /** Cancels a handoff because a side of the session is lost. */
  void stay() {
    handoff.stop();
  }

  /** Records a message of the old link, which was forwarded. */
  void old(Message message) throws ProtocolException {
    if (failed != null) {
      failed.old(message);
    }
    if (present != null) {
      present.old(message);
    }
    answers.pass();
  }

  /** Called when the present link is lost. */
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

  /**
   * Performs an effect of a step.
   *
   * @throws IllegalArgumentException if the effect does not concern switchovers
   */
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

  /** Called when the session ends. */
  void close(CloseReason reason) {
    handoff.end();
    forgetFailed();
    end(switchover -> switchover.drop(reason));
    answers.forget();
  }
}
