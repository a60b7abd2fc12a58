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
 * What a session's client has received, and with which secret it may resume and receive the rest.
 * Confined to its session.
 */
final class Delivery {
  /** A client that stays silent this long is asked to confirm its first CONNECT reply. */
  private static final Duration SILENCE = Duration.ofSeconds(1);

  private final Offsets offsets;
  private final EventSender sender;
  private final EventLog log;
  private final Confirmations confirmations;
  private final Calls calls;
  private final SessionContext context;
  private final SessionSetup setup;
  private final Timers timers;
  private final Pids pids = new Pids();
  private final Timer kept;
  private final Timer silence;

  /** Position after the last CONNECT reply with a pid. */
  private long replyEnd;

  private boolean clientHasPid;

  /** How often in a row the client has repeated its last offset; -1 if it never resumed. */
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
    this.offsets = new Offsets(setup.tag());
    this.sender = new EventSender(setup, offsets, context, calls);
    this.log = sender.log();
    this.confirmations = sender.confirmations();
  }

  EventSender sender() {
    return sender;
  }

  EventLog log() {
    return log;
  }

  /**
   * Adds a pid to an upstream's CONNECT reply and queues it. Returns false if there is no memory.
   */
  boolean reply(byte[] payload) {
    String pid = context.newPid();
    byte[] frame = TextFrame.of(ConnectReply.withPid(payload, pid));
    boolean first = pids.isEmpty();
    remember(pid, frame);
    boolean added = log.appendReply(frame);
    replyEnd = log.spool().end();
    if (first) {
      silence.start(SILENCE, this::ask);
    } else {
      silence.stop();
      sender.wantConfirmation();
    }
    return added;
  }

  private void ask() {
    sender.wantConfirmation();
    sender.drain();
  }

  /**
   * Records that the client has its pid: it sends events only after it has handled a CONNECT reply.
   */
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

  /** Invalidates every pid issued so far. */
  void forgetPids() {
    clientHasPid = false;
    silence.stop();
    if (!pids.isEmpty()) {
      pids.clear();
      context.pidsRevoked();
    }
  }

  /** Returns whether a client that has just lost its transport can resume, and may. */
  boolean isResumable() {
    return !pids.isEmpty() && confirmations.isWhole() && context.mayPark();
  }

  /**
   * Returns how long the session waits. A client that left its page, or that may not know its pid,
   * rarely comes back late: it gets {@code windowAfterLeaving} if that is shorter.
   */
  Duration window(CloseReason reason) {
    Duration longer = setup.limits().window();
    Duration shorter = setup.limits().windowAfterLeaving();
    boolean likely = clientHasPid && reason != CloseReason.CLIENT_LEFT;
    return likely || longer.compareTo(shorter) < 0 ? longer : shorter;
  }

  /** Confirms the first {@code bytes} bytes that were sent over the present transport. */
  void confirm(long bytes) {
    sender.confirm(bytes);
    if (!clientHasPid && !pids.isEmpty() && hasLastReply()) {
      pidKnown();
    }
    keepConfirmed();
  }

  /** Returns whether the client is known to have handled the last CONNECT reply. */
  boolean hasLastReply() {
    return confirmations.confirmed() >= replyEnd;
  }

  private void keepConfirmed() {
    long confirmed = confirmations.confirmed();
    if (log.spool().start() < confirmed) {
      kept.start(
          setup.limits().log().keptTime(),
          () -> {
            log.spool().release(confirmed);
            keepConfirmed();
          });
    }
  }

  /** Returns the session's pids and the replies that carried them, oldest first. */
  List<SessionSnapshot.Given> given() {
    return pids.all();
  }

  /** Returns whether the client is known to have a pid. */
  boolean isPidKnown() {
    return clientHasPid;
  }

  /** Restores the state of a session from its former node. */
  void adopt(SessionSnapshot snapshot) {
    log.continueFrom(snapshot.counter());
    snapshot
        .given()
        .forEach(
            each ->
                remember(each.pid(), TextFrame.of(each.reply().getBytes(StandardCharsets.UTF_8))));
    clientHasPid = snapshot.known();
  }

  /** Returns why a request may not resume this session; empty if it may. */
  Optional<Result> objection(ResumeRequest request) {
    if (pids.find(request.pid()) < 0) {
      return Optional.of(Result.UNKNOWN);
    }
    return context.isOwner(request) ? Optional.empty() : Optional.of(Result.FOREIGN);
  }

  /** Returns whether the client has confirmed more since than the request claims. */
  boolean isOutdated(ResumeRequest request) {
    return confirmations.isWhole() && find(request.offset(), isAgain(request)) == Replay.TRIMMED;
  }

  /**
   * Returns the position at which a client with this offset resumes; {@link Replay#UNKNOWN} or
   * {@link Replay#TRIMMED} if it cannot.
   *
   * @param again whether the client named the same offset last time
   */
  private long find(@Nullable String offset, boolean again) {
    long confirmed = confirmations.confirmed();
    if (again && confirmations.isWhereItResumed()) {
      return confirmed;
    }
    long found = Replay.find(log, confirmed, offsets, setup.json(), offset);
    // Until it receives an offset of this session, a client names that of an earlier session.
    return found == Replay.UNKNOWN && confirmed == 0 ? 0 : found;
  }

  private boolean isAgain(ResumeRequest request) {
    return repeats >= 0 && Objects.equals(lastOffset, request.offset());
  }

  /** Queues again what a client that may resume has missed. */
  Result lineUp(ResumeRequest request) {
    if (!confirmations.isWhole()) {
      return Result.TRIMMED;
    }
    boolean again = isAgain(request);
    long from = find(request.offset(), again);
    if (from == Replay.UNKNOWN || from == Replay.TRIMMED) {
      return from == Replay.UNKNOWN ? Result.UNKNOWN : Result.TRIMMED;
    }
    repeats = again ? repeats + 1 : 0;
    clientHasPid = true;
    lastOffset = request.offset();
    int claimed = pids.find(request.pid());
    Replay.Terms terms =
        new Replay.Terms(pids, claimed, calls, setup.limits().asksAgain(), repeats);
    boolean lined = resume(from, terms);
    // The client has the reply that carried its pid. Later replies are sent now.
    replyEnd = claimed == pids.newest() ? confirmations.confirmed() : log.spool().end();
    return lined ? Result.RECOVERED : Result.TRIMMED;
  }

  /**
   * Queues what a client has missed after {@code from} again, preceded by its CONNECT reply. The
   * client's offset counts as a confirmation. Returns false if there is no memory for it.
   */
  private boolean resume(long from, Replay.Terms terms) {
    confirmations.confirm(from);
    Replay.Missed missed = new Replay.Missed(log, from, confirmations.countedFrom());
    Optional<Replay.Lined> lined =
        Replay.line(missed, setup.outboxes(), offsets, setup.json(), terms);
    lined.ifPresent(this::continueWith);
    return lined.isPresent();
  }

  private void continueWith(Replay.Lined replay) {
    log.replaceBy(replay.spool(), replay.counter());
    confirmations.resumed(replay);
    if (!replay.tellsOffset()) {
      // The client may hold a string that is no offset of this session.
      log.mark();
    }
  }

  /** Returns whether the client has confirmed everything and no packet is incomplete. */
  boolean isSettled() {
    return confirmations.confirmed() == log.spool().end() && log.missingAttachments() == 0;
  }

  /**
   * Requests a confirmation of what was queued for a client whose transport was lost at this time.
   *
   * @param cutAtNanos steady time in nanoseconds
   */
  void catchUp(long cutAtNanos) {
    cutAt = cutAtNanos;
    catchUpTo = log.spool().end();
    sender.wantConfirmation();
  }

  /** Sends what waits, as far as the transport accepts frames. */
  void drain() {
    sender.drain();
    if (catchUpTo >= 0 && log.spool().cursor() >= catchUpTo) {
      catchUpTo = -1;
      context.caughtUp(Duration.ofNanos(timers.nanoTime() - cutAt));
    }
  }

  /** Reports how much memory is held for the client. */
  void tellMemory() {
    context.parkedBytes(log.spool().memory());
  }

  /** Returns why the log is full. */
  CloseReason whyFull() {
    return setup.outboxes().isShort() ? CloseReason.OUTBOX_MEMORY : CloseReason.OUTBOX_FULL;
  }

  /** Detaches the transport. */
  void detach() {
    catchUpTo = -1;
    silence.stop();
    sender.detach();
  }

  /** Ends the delivery. Waiting events are given up. */
  void end(CloseReason reason) {
    kept.stop();
    silence.stop();
    if (confirmations.waiting() > 0) {
      context.givenUp(reason.label(), confirmations.waiting());
    }
  }
}
