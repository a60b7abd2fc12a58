package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Spool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The packets of a session for its client: unsent, sent, and recently confirmed, as one sequence of
 * frames. Events carry offsets. Confined to its session.
 */
final class Outbox implements Downstream {
  private static final int LESS_WHEN_HALF_FULL = 16;

  private final OutboxLimits limits;
  private final BufferPool pool;
  private final Offsets offsets;
  private final EventAccounting accounting;
  private final EventWriter writer;
  private Spool spool;
  private @Nullable EngineConnection source;
  private @Nullable EngineConnection target;
  private boolean blocked;
  private boolean drained;

  /** Position up to which the next write has to request a confirmation. */
  private long wantedTo;

  /** Position up to which a confirmation was requested. */
  private long askedTo;

  /** Position of the first byte that was sent over the present transport. */
  private long targetStart;

  private long confirmed;

  /** Position at which the client last resumed. */
  private long resumedAt;

  /** Position before which events are confirmed, although their bytes may be sent once more. */
  private long countedFrom;

  /**
   * Position before which sent bytes were released. Until it is confirmed, no client can resume.
   */
  private long lostUntil;

  private long lostEvents;
  private long waiting;

  /** Position of the last ping if every waiting event was before it; otherwise -1. */
  private long askedAt = -1;

  private long acceptedSinceAsked;

  /** Creates an empty outbox for a client that learns its offsets in the given style. */
  Outbox(
      OutboxLimits limits,
      BufferPool pool,
      Offsets offsets,
      OffsetStyle style,
      EventAccounting accounting,
      Calls calls) {
    this.limits = limits;
    this.pool = pool;
    this.offsets = offsets;
    this.accounting = accounting;
    this.spool = new Spool(pool, 0);
    this.writer = new EventWriter(offsets, style, calls, this::room, spool, pool);
  }

  @Override
  public void from(EngineConnection connection) {
    source = connection;
    if (blocked) {
      connection.pauseReads(PauseReason.SLOW_PEER);
    }
  }

  @Override
  public void to(EngineConnection connection) {
    target = connection;
    drained = unsent() == 0;
    targetStart = spool.cursor();
    askedAt = -1;
    askedTo = targetStart;
    wantedTo = targetStart;
  }

  /** Detaches the transport. New packets wait for the next one. */
  void detach() {
    target = null;
    unblock();
  }

  @Override
  public boolean isBlocked() {
    return blocked;
  }

  @Override
  public int missingAttachments() {
    return writer.missingAttachments();
  }

  @Override
  public boolean add(Message message, SocketPacketHeader header, int missing) {
    return writer.add(message, header, missing);
  }

  /** Adds a frame of the gateway, followed by a marker if the client gets any. */
  boolean addReply(byte[] frame) {
    return writer.reply(frame);
  }

  @Override
  public void forgetPart() {
    writer.forgetPart();
  }

  private @Nullable ByteBuffer room(int length) {
    ByteBuffer room = spool.room(length);
    if (room == null) {
      spool.release(confirmed);
      room = spool.room(length);
    }
    if (room == null && target != null) {
      releaseSent();
      room = spool.room(length);
    }
    if (room == null && target != null && drained) {
      // What is sent within this read needs no memory: no session ends because others hold memory.
      room = spool.overdraw(length);
    }
    return room;
  }

  @Override
  public boolean flush() {
    boolean kept = writer.flush();
    long events = writer.takeEvents();
    if (events > 0) {
      accounting.accepted(events);
      waiting += events;
      acceptedSinceAsked += events;
    }
    drain();
    if (source != null && target != null && !blocked && unsent() > limits.unsent()) {
      blocked = true;
      source.pauseReads(PauseReason.SLOW_PEER);
    }
    if (pool.isOverdrawn() && target != null) {
      releaseSent();
    }
    return kept && isWithinLimits();
  }

  private long unsent() {
    return spool.end() - spool.cursor();
  }

  private boolean isWithinLimits() {
    if (!isWithin()) {
      spool.release(confirmed);
    }
    if (!isWithin() && target != null) {
      releaseSent();
      return true;
    }
    return isWithin();
  }

  private boolean isWithin() {
    return spool.end() - spool.start() <= limits.bytes() && waiting <= limits.events();
  }

  /** Releases sent bytes without a confirmation: the client is slow to confirm. */
  private void releaseSent() {
    if (spool.start() < spool.cursor()) {
      lostEvents += OutboxReader.count(spool, Math.max(confirmed, countedFrom), spool.cursor());
      lostUntil = spool.cursor();
      countedFrom = lostUntil;
      spool.release(lostUntil);
    }
  }

  @Override
  public void drain() {
    EngineConnection to = target;
    ByteBuffer next = to == null ? null : spool.unsent();
    // A ping overtakes waiting frames. If the last packet needs one, it has to follow that packet.
    boolean asks = isConfirmationWanted() || spool.end() - confirmed > ackAfter();
    while (to != null && next != null && send(to, next, asks)) {
      spool.sent();
      next = spool.unsent();
    }
    drained = to != null && next == null;
    if (to != null && (next == null ? asks : spool.cursor() - confirmed > ackAfter())) {
      ask(to);
    }
    if (unsent() <= limits.unsent() / 2) {
      unblock();
    }
  }

  @Override
  public void drainLast() {
    EngineConnection to = target;
    ByteBuffer next = to == null ? null : spool.unsent();
    while (to != null && next != null && to.sendLast(next)) {
      spool.sent();
      next = spool.unsent();
    }
  }

  private boolean send(EngineConnection to, ByteBuffer next, boolean asks) {
    boolean last = spool.cursor() + next.remaining() == spool.end();
    return (asks && last) ? to.sendBeforePing(next) : to.send(next);
  }

  private boolean isConfirmationWanted() {
    return wantedTo > Math.max(askedTo, confirmed);
  }

  private void ask(EngineConnection to) {
    if (!to.ping()) {
      // Another ping is in transit. The request is repeated when it is answered.
      return;
    }
    askedTo = spool.cursor();
    if (spool.cursor() == spool.end()) {
      askedAt = spool.cursor();
      acceptedSinceAsked = 0;
    }
  }

  /** The less memory the process has left, the earlier a confirmation is requested. */
  private long ackAfter() {
    return pool.isHalfTaken() ? limits.ackAfter() / LESS_WHEN_HALF_FULL : limits.ackAfter();
  }

  private void unblock() {
    if (blocked && source != null) {
      blocked = false;
      source.resumeReads(PauseReason.SLOW_PEER);
    }
  }

  /** Requests a confirmation of everything in the outbox with the next write. */
  void wantConfirmation() {
    wantedTo = spool.end();
  }

  /** Confirms the first {@code bytes} bytes that were sent over the present transport. */
  void confirm(long bytes) {
    long position = targetStart + bytes;
    if (position > spool.cursor()) {
      throw new IllegalStateException(
          "a client has confirmed " + (position - spool.cursor()) + " bytes that it was not given");
    }
    confirmTo(position);
    spool.release(pool.isHalfTaken() ? confirmed : confirmed - limits.kept());
    drain();
  }

  private void confirmTo(long position) {
    if (position <= confirmed) {
      return;
    }
    boolean past = position >= lostUntil;
    long events =
        position == askedAt && past
            ? waiting - acceptedSinceAsked
            : (past ? lostEvents : 0)
                + OutboxReader.count(spool, Math.max(confirmed, countedFrom), position);
    if (past) {
      lostEvents = 0;
    }
    confirmed = position;
    waiting -= events;
    accounting.delivered(events);
  }

  /**
   * Returns the position at which a client with this offset resumes; {@link Replay#UNKNOWN} or
   * {@link Replay#TRIMMED} if it cannot.
   *
   * @param again whether the client named the same offset last time
   */
  long find(@Nullable String offset, boolean again, Json json) {
    if (again && confirmed == resumedAt) {
      return resumedAt;
    }
    long found = Replay.find(place(), offsets, json, offset);
    // Until it receives an offset of this session, a client names that of an earlier session.
    return found == Replay.UNKNOWN && confirmed == 0 ? 0 : found;
  }

  /**
   * Queues what a client has missed after {@code from} again, preceded by its CONNECT reply. The
   * client's offset counts as a confirmation.
   *
   * @return false if there is no memory for it
   */
  boolean resume(long from, Json json, Replay.Terms terms) {
    confirmTo(from);
    Replay.Missed missed = new Replay.Missed(place(), from, Math.max(confirmed, countedFrom));
    Optional<Replay.Lined> lined = Replay.line(missed, pool, offsets, json, terms);
    lined.ifPresent(this::takeUp);
    return lined.isPresent();
  }

  private void takeUp(Replay.Lined lined) {
    confirmed = spool.end();
    resumedAt = confirmed;
    countedFrom = lined.countedFrom();
    accounting.replayed(lined.events(), lined.spool().end() - spool.end());
    spool.clear();
    spool = lined.spool();
    writer.to(spool, lined.counter());
    Replay.Settled settled = lined.settled();
    waiting -= settled.events();
    accounting.delivered(settled.answered());
    accounting.givenUp("unanswerable", settled.unanswerable());
    accounting.givenUp("undecodable", settled.undecodable());
    if (!lined.tellsOffset()) {
      // The client may hold a string that is no offset of this session.
      writer.mark();
    }
  }

  /** Returns whether the client has confirmed everything and no packet is incomplete. */
  boolean isSettled() {
    return confirmed == spool.end() && writer.missingAttachments() == 0;
  }

  /** Returns what is kept, and what the client knows of its offsets. */
  Replay.Place place() {
    return new Replay.Place(spool, confirmed, writer.counter(), writer.isSilent());
  }

  /** Continues after the last offset of an outbox that was settled. */
  void countFrom(long last) {
    writer.countFrom(last);
  }

  /** Returns the position after the last byte. */
  long end() {
    return spool.end();
  }

  /** Returns the position after the last byte that was sent over a transport. */
  long sent() {
    return spool.cursor();
  }

  /** Returns the position after the last confirmed byte. */
  long confirmed() {
    return confirmed;
  }

  /** Releases confirmed bytes up to a position, too old for a client to resume from. */
  void release(long position) {
    spool.release(Math.min(position, confirmed));
  }

  /** Returns whether confirmed bytes are still kept. */
  boolean keepsConfirmed() {
    return spool.start() < confirmed;
  }

  /** Returns whether every byte after the last confirmation is kept. */
  boolean isWhole() {
    return confirmed >= lostUntil;
  }

  /** Returns the number of events that are neither confirmed nor given up. */
  long waiting() {
    return waiting;
  }

  /** Returns the memory in use, in bytes. */
  long memory() {
    return spool.memory();
  }

  @Override
  public void clear() {
    forgetPart();
    spool.clear();
  }
}
