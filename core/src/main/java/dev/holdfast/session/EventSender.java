package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Spool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.SessionSetup.LogLimits;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a session's log over its transport, asks for confirmations, and keeps the log within its
 * limits. Confined to its session.
 *
 * <ul>
 *   <li>A transport is given whole packets in the order of the log, none twice.
 *   <li>When it has taken all and more than {@code ackAfter} bytes are unconfirmed, it was pinged.
 *   <li>The link is read unless more than {@code unsent} bytes have waited for the transport, until
 *       half of them are left.
 *   <li>A log over its limits gives up what was sent, or its session ends.
 * </ul>
 */
final class EventSender implements Downstream {
  private static final int LESS_WHEN_HALF_FULL = 16;
  private static final double COMPACT_ABOVE_SHARE = 0.5;

  private final LogLimits limits;
  private final BufferPool pool;
  private final EventLog log;
  private final Confirmations confirmations;
  private final SessionContext context;
  private @Nullable EngineConnection source;
  private @Nullable EngineConnection target;
  private boolean blocked;
  private boolean drained;
  private double compactAbove = COMPACT_ABOVE_SHARE;

  /** Position of the first byte that was sent over the present transport. */
  private long targetStart;

  /** Positions up to which a confirmation is to be requested, and was requested. */
  private long wantedTo;

  private long askedTo;

  /** Creates a sender with an empty log. */
  EventSender(SessionSetup setup, Offsets offsets, SessionContext context, Calls calls) {
    this.limits = setup.limits().log();
    this.pool = setup.outboxes();
    this.log = new EventLog(offsets, setup.style(), pool, calls, this::makeRoom);
    this.confirmations = new Confirmations(log, context);
    this.context = context;
  }

  EventLog log() {
    return log;
  }

  Confirmations confirmations() {
    return confirmations;
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
    targetStart = log.spool().cursor();
    confirmations.forgetAsked();
    askedTo = targetStart;
    wantedTo = targetStart;
    compactAbove = COMPACT_ABOVE_SHARE;
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
    return log.missingAttachments();
  }

  @Override
  public boolean add(Message message, SocketPacketHeader header, int missing) {
    return log.append(message, header, missing);
  }

  @Override
  public void forgetPart() {
    log.forgetPart();
  }

  private @Nullable ByteBuffer makeRoom(int length) {
    Spool spool = log.spool();
    spool.release(confirmations.confirmed());
    ByteBuffer room = spool.room(length);
    if (room == null && target != null) {
      confirmations.releaseSent();
      room = spool.room(length);
    }
    // What is sent within this read needs no memory: no session ends because others hold memory.
    return room == null && target != null && drained ? spool.overdraw(length) : room;
  }

  @Override
  public boolean flush() {
    boolean kept = log.flush();
    long events = log.takeEvents();
    if (events > 0) {
      confirmations.accepted(events);
    }
    drain();
    if (source != null && target != null && !blocked && unsent() > limits.unsent()) {
      blocked = true;
      source.pauseReads(PauseReason.SLOW_PEER);
    }
    if (pool.isOverdrawn() && target != null) {
      confirmations.releaseSent();
    }
    if (target == null && share() > compactAbove) {
      context.compactor().ifPresent(this::compact);
    }
    return kept && keepsLimits();
  }

  private long unsent() {
    return log.spool().end() - log.spool().cursor();
  }

  /** Returns how much of its limits the log takes. */
  private double share() {
    double bytes = log.spool().end() - log.spool().start();
    double events = confirmations.waiting();
    return Math.max(bytes / limits.bytes(), events / limits.events());
  }

  private void compact(Compactor compactor) {
    confirmations.merged(log.compact(compactor, pool));
    // Another one is worth its cost when half of the rest is taken.
    compactAbove = Math.max(COMPACT_ABOVE_SHARE, (1 + share()) / 2);
  }

  private boolean keepsLimits() {
    if (share() > 1) {
      log.spool().release(confirmations.confirmed());
    }
    if (share() > 1 && target != null) {
      confirmations.releaseSent();
    }
    return target != null || share() <= 1;
  }

  @Override
  public void drain() {
    Spool spool = log.spool();
    EngineConnection to = target;
    ByteBuffer next = to == null ? null : spool.unsent();
    // A ping overtakes waiting frames. If the last packet needs one, it has to follow that packet.
    long confirmed = confirmations.confirmed();
    boolean asks = wantedTo > Math.max(askedTo, confirmed) || spool.end() - confirmed > ackAfter();
    while (to != null && next != null && send(to, next, asks)) {
      spool.sent();
      next = spool.unsent();
    }
    drained = to != null && next == null;
    boolean due = next == null ? asks : spool.cursor() - confirmed > ackAfter();
    if (to != null && due) {
      ask(to);
    }
    if (unsent() <= limits.unsent() / 2) {
      unblock();
    }
  }

  @Override
  public void drainLast() {
    EngineConnection to = target;
    ByteBuffer next = to == null ? null : log.spool().unsent();
    while (to != null && next != null && to.sendLast(next)) {
      log.spool().sent();
      next = log.spool().unsent();
    }
  }

  private boolean send(EngineConnection to, ByteBuffer next, boolean asks) {
    boolean last = log.spool().cursor() + next.remaining() == log.spool().end();
    return (asks && last) ? to.sendBeforePing(next) : to.send(next);
  }

  private void ask(EngineConnection to) {
    // If another ping is in transit, the request is repeated when that is answered.
    if (to.ping()) {
      askedTo = log.spool().cursor();
      if (unsent() == 0) {
        confirmations.asked();
      }
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

  /** Requests a confirmation of everything in the log with the next write. */
  void wantConfirmation() {
    wantedTo = log.spool().end();
  }

  /** Confirms the first {@code bytes} bytes that were sent over the present transport. */
  void confirm(long bytes) {
    long position = targetStart + bytes;
    if (position > log.spool().cursor()) {
      throw new IllegalStateException("a client has confirmed what it was not given");
    }
    confirmations.confirm(position);
    long confirmed = confirmations.confirmed();
    log.spool().release(pool.isHalfTaken() ? confirmed : confirmed - limits.kept());
    drain();
  }

  @Override
  public void clear() {
    forgetPart();
    log.spool().clear();
  }
}
