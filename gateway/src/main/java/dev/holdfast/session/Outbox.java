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
 * What a session has for its client: packets not sent yet, sent, and confirmed a moment ago, as one
 * run of frames. Events carry offsets. Confined to its session.
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

  /** Up to here a client is asked with the next write to confirm what it has. */
  private long wantedTo;

  /** Up to here it has been asked. */
  private long askedTo;

  /** Position of the first byte that the present transport was given. */
  private long targetStart;

  private long confirmed;

  /** Where the client went on that came back last. */
  private long resumedAt;

  /** Events before it are confirmed, though their bytes may be sent once more. */
  private long countedFrom;

  /** What was sent before it is not kept, so until it is confirmed no client can resume. */
  private long lostUntil;

  private long lostEvents;
  private long waiting;

  /** Where the client was asked last, if all events that waited were before it; or -1. */
  private long askedAt = -1;

  private long acceptedSinceAsked;

  /**
   * An empty outbox.
   *
   * @param style how the client learns its offsets
   */
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

  /** The transport is gone: what comes now waits for the next one. */
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

  /** Adds a frame of ours, and behind it where the client is. */
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
      // What leaves with this read needs no memory: nobody is closed for what others keep.
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

  /** The client is slow to confirm: what it was sent is not kept. */
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
    // A ping overtakes what waits: one that is wanted for the last packet comes behind it.
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
      // Another ping is on its way: the client is asked again when that is answered.
      return;
    }
    askedTo = spool.cursor();
    if (spool.cursor() == spool.end()) {
      askedAt = spool.cursor();
      acceptedSinceAsked = 0;
    }
  }

  /** The fuller the memory of the process, the sooner a client is asked to confirm. */
  private long ackAfter() {
    return pool.isHalfTaken() ? limits.ackAfter() / LESS_WHEN_HALF_FULL : limits.ackAfter();
  }

  private void unblock() {
    if (blocked && source != null) {
      blocked = false;
      source.resumeReads(PauseReason.SLOW_PEER);
    }
  }

  /** Asks the client with the next write to confirm what it has. */
  void wantConfirmation() {
    wantedTo = spool.end();
  }

  /** The client has handled the first bytes that the present transport was given. */
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
   * Where a client with this offset goes on; {@link Replay#UNKNOWN} if that is not known.
   *
   * @param again whether it came with the same one last time
   */
  long find(@Nullable String offset, boolean again, Json json) {
    if (again && confirmed == resumedAt) {
      return resumedAt;
    }
    long found = Replay.find(place(), offsets, json, offset);
    // Until ours has come, a client still names that of an earlier session.
    return found == Replay.UNKNOWN && confirmed == 0 ? 0 : found;
  }

  /**
   * Lines up again what a client has missed behind {@code from}, with its CONNECT reply first. The
   * client's word for what it has handled counts as a confirmation.
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
      // The client may hold a string that is not an offset from here.
      writer.mark();
    }
  }

  /** Whether the client has confirmed everything, and nothing is on its way into it. */
  boolean isSettled() {
    return confirmed == spool.end() && writer.missingAttachments() == 0;
  }

  /** What is kept, and what the client knows of its offsets. */
  Replay.Place place() {
    return new Replay.Place(spool, confirmed, writer.counter(), writer.isSilent());
  }

  /** Goes on behind the last offset of an outbox that was settled. */
  void countFrom(long last) {
    writer.countFrom(last);
  }

  /** Position behind the last byte. */
  long end() {
    return spool.end();
  }

  /** Position behind the last byte that a transport was given. */
  long sent() {
    return spool.cursor();
  }

  /** Position behind what the client has confirmed. */
  long confirmed() {
    return confirmed;
  }

  /** Frees what was confirmed so long ago that no client comes back to it. */
  void release(long position) {
    spool.release(Math.min(position, confirmed));
  }

  /** Whether confirmed bytes are still kept. */
  boolean keepsConfirmed() {
    return spool.start() < confirmed;
  }

  /** Whether nothing is missing between what was confirmed and the end. */
  boolean isWhole() {
    return confirmed >= lostUntil;
  }

  /** Events that are neither confirmed nor given up. */
  long waiting() {
    return waiting;
  }

  /** Bytes of memory in use. */
  long memory() {
    return spool.memory();
  }

  @Override
  public void clear() {
    forgetPart();
    spool.clear();
  }
}
