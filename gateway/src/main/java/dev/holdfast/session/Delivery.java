package dev.holdfast.session;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.time.Timer;
import dev.holdfast.time.Timers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client has got, and by which secret it may come back for the rest: the outbox and the
 * pids. Confined to its session.
 */
final class Delivery {
  /** A client that is silent for so long is asked whether it has its first CONNECT reply. */
  private static final Duration SILENCE = Duration.ofSeconds(1);

  private final Outbox outbox;
  private final Calls calls;
  private final SessionContext context;
  private final SessionSetup setup;
  private final Timers timers;
  private final Pids pids = new Pids();
  private final Timer kept;
  private final Timer silence;

  /** Position behind the last CONNECT reply with a pid. */
  private long replyEnd;

  private boolean clientHasPid;

  /** How often in a row the client has come again with its last offset; -1 if it never came. */
  private int repeats = -1;

  private @Nullable String lastOffset;
  private long catchUpTo = -1;
  private long cutAt;

  Delivery(SessionSetup setup, SessionContext context, Calls calls) {
    this.setup = setup;
    this.context = context;
    this.calls = calls;
    this.timers = setup.timers();
    this.kept = new Timer(timers);
    this.silence = new Timer(timers);
    this.outbox =
        new Outbox(
            setup.limits().outbox(),
            setup.outboxes(),
            new Offsets(setup.tag()),
            setup.style(),
            context,
            calls);
  }

  Outbox outbox() {
    return outbox;
  }

  /** Adds an upstream's CONNECT reply with a pid; false if there is no memory for it. */
  boolean reply(byte[] payload) {
    String pid = context.newPid();
    byte[] frame = TextFrame.of(ConnectReply.withPid(payload, pid));
    boolean first = pids.isEmpty();
    remember(pid, frame);
    boolean added = outbox.addReply(frame);
    replyEnd = outbox.end();
    if (first) {
      silence.start(SILENCE, this::ask);
    } else {
      silence.stop();
      outbox.wantConfirmation();
    }
    return added;
  }

  private void ask() {
    outbox.wantConfirmation();
    outbox.drain();
  }

  /** The client says what it says only when it has handled a CONNECT reply. */
  void clientIsConnected() {
    if (!clientHasPid && !pids.isEmpty()) {
      pidKnown();
    }
  }

  private void pidKnown() {
    clientHasPid = true;
    silence.stop();
  }

  private void remember(String pid, byte[] reply) {
    pids.add(pid, reply).ifPresent(context::pidRevoked);
  }

  /** What was said so far is of no use to anybody who comes back. */
  void forgetPids() {
    clientHasPid = false;
    silence.stop();
    if (!pids.isEmpty()) {
      pids.clear();
      context.pidsRevoked();
    }
  }

  /** Whether a client whose transport is gone now can come back, and may. */
  boolean isResumable() {
    return !pids.isEmpty() && outbox.isWhole() && context.mayPark();
  }

  /**
   * How long the session waits: a client that left its page, or that may not even know its pid,
   * hardly comes back late.
   */
  Duration window(CloseReason reason) {
    Duration longer = setup.limits().window();
    Duration shorter = setup.limits().windowAfterLeaving();
    boolean likely = clientHasPid && reason != CloseReason.CLIENT_LEFT;
    return likely || longer.compareTo(shorter) < 0 ? longer : shorter;
  }

  /** The client has handled the first bytes that its transport was given. */
  void confirm(long bytes) {
    outbox.confirm(bytes);
    if (!clientHasPid && !pids.isEmpty() && hasLastReply()) {
      pidKnown();
    }
    keepConfirmed();
  }

  /** Whether it is known that the client has handled the last CONNECT reply. */
  boolean hasLastReply() {
    return outbox.confirmed() >= replyEnd;
  }

  private void keepConfirmed() {
    if (outbox.keepsConfirmed()) {
      long confirmed = outbox.confirmed();
      kept.start(
          setup.limits().outbox().keptTime(),
          () -> {
            outbox.release(confirmed);
            keepConfirmed();
          });
    }
  }

  /** The pids of the session, oldest first. */
  List<SessionSnapshot.Given> given() {
    return pids.all();
  }

  /** Whether the client has confirmed that it has a pid. */
  boolean isPidKnown() {
    return clientHasPid;
  }

  /** Goes on with what a session had at its former node. */
  void adopt(SessionSnapshot snapshot) {
    outbox.countFrom(snapshot.counter());
    snapshot
        .given()
        .forEach(
            each ->
                remember(each.pid(), TextFrame.of(each.reply().getBytes(StandardCharsets.UTF_8))));
    clientHasPid = snapshot.known();
  }

  /** Why a request is not for this session; empty if it is. */
  Optional<Result> objection(ResumeRequest request) {
    if (pids.find(request.pid()) < 0) {
      return Optional.of(Result.UNKNOWN);
    }
    return context.isOwner(request) ? Optional.empty() : Optional.of(Result.FOREIGN);
  }

  /** Whether a request is older than what the client has confirmed meanwhile. */
  boolean isOutdated(ResumeRequest request) {
    return outbox.isWhole()
        && outbox.find(request.offset(), isAgain(request), setup.json()) == Replay.TRIMMED;
  }

  private boolean isAgain(ResumeRequest request) {
    return repeats >= 0 && Objects.equals(lastOffset, request.offset());
  }

  /** Lines up what a client that may resume has missed. */
  Result lineUp(ResumeRequest request) {
    if (!outbox.isWhole()) {
      return Result.TRIMMED;
    }
    boolean again = isAgain(request);
    long from = outbox.find(request.offset(), again, setup.json());
    if (from == Replay.UNKNOWN || from == Replay.TRIMMED) {
      return from == Replay.UNKNOWN ? Result.UNKNOWN : Result.TRIMMED;
    }
    repeats = again ? repeats + 1 : 0;
    clientHasPid = true;
    lastOffset = request.offset();
    int claimed = pids.find(request.pid());
    Replay.Terms terms =
        new Replay.Terms(pids, claimed, calls, setup.limits().asksAgain(), repeats);
    boolean lined = outbox.resume(from, setup.json(), terms);
    // It has had the reply that its pid came with, and gets the later ones now.
    replyEnd = claimed == pids.newest() ? outbox.confirmed() : outbox.end();
    return lined ? Result.RECOVERED : Result.TRIMMED;
  }

  /** A client that was cut off at this time is sent what was lined up. */
  void catchUp(long cutAtNanos) {
    cutAt = cutAtNanos;
    catchUpTo = outbox.end();
    outbox.wantConfirmation();
  }

  /** Sends what waits, as far as it is taken. */
  void drain() {
    outbox.drain();
    if (catchUpTo >= 0 && outbox.sent() >= catchUpTo) {
      catchUpTo = -1;
      context.caughtUp(Duration.ofNanos(timers.nanoTime() - cutAt));
    }
  }

  /** Says how much memory waits for the client. */
  void tellMemory() {
    context.parkedBytes(outbox.memory());
  }

  /** Why it can take no more. */
  CloseReason whyFull() {
    return setup.outboxes().isShort() ? CloseReason.OUTBOX_MEMORY : CloseReason.OUTBOX_FULL;
  }

  /** The transport is gone. */
  void detach() {
    catchUpTo = -1;
    silence.stop();
    outbox.detach();
  }

  /** The session is over: what waits is given up. */
  void end(CloseReason reason) {
    kept.stop();
    silence.stop();
    if (outbox.waiting() > 0) {
      context.givenUp(reason.label(), outbox.waiting());
    }
  }
}
