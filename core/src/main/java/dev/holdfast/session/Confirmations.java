package dev.holdfast.session;

/**
 * What the client has confirmed of a log, and how many of its events still wait for that. Confined
 * to its session.
 *
 * <ul>
 *   <li>What is confirmed was sent, and stays confirmed.
 *   <li>The events accepted are those delivered, merged, given up and waiting.
 *   <li>Those waiting are unconfirmed: in the log, or released from it unconfirmed.
 *   <li>The log is whole if everything after the last confirmation is kept.
 * </ul>
 */
final class Confirmations {
  private final EventLog log;
  private final EventAccounting accounting;
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

  Confirmations(EventLog log, EventAccounting accounting) {
    this.log = log;
    this.accounting = accounting;
  }

  /** Counts events that were appended to the log. */
  void accepted(long events) {
    accounting.accepted(events);
    waiting += events;
    acceptedSinceAsked += events;
  }

  /** Counts events of the log that were merged into others. No transport was given any of them. */
  void merged(long events) {
    accounting.merged(events);
    waiting -= events;
    acceptedSinceAsked -= events;
  }

  /** Records a ping directly after the last byte of the log, whose events need no count then. */
  void asked() {
    askedAt = log.spool().end();
    acceptedSinceAsked = 0;
  }

  /** Records that another transport follows, which answers no earlier ping. */
  void forgetAsked() {
    askedAt = -1;
  }

  /** Confirms everything before a position. */
  void confirm(long position) {
    if (position <= confirmed) {
      return;
    }
    boolean past = position >= lostUntil;
    long events =
        position == askedAt && past
            ? waiting - acceptedSinceAsked
            : (past ? lostEvents : 0) + countTo(position);
    if (past) {
      lostEvents = 0;
    }
    confirmed = position;
    waiting -= events;
    accounting.delivered(events);
  }

  private long countTo(long position) {
    return EventCount.of(log.spool(), countedFrom(), position);
  }

  /** Releases sent bytes without a confirmation: the client is slow to confirm. */
  void releaseSent() {
    long sent = log.spool().cursor();
    if (log.spool().start() < sent) {
      lostEvents += countTo(sent);
      lostUntil = sent;
      countedFrom = sent;
      log.spool().release(sent);
    }
  }

  /** Continues with a replay, which has taken the place of the log. */
  void resumed(Replay.Lined replay) {
    confirmed = replay.spool().start();
    resumedAt = confirmed;
    countedFrom = replay.countedFrom();
    accounting.replayed(replay.events(), replay.spool().end() - confirmed);
    Replay.Settled settled = replay.settled();
    waiting -= settled.events();
    accounting.delivered(settled.answered());
    accounting.givenUp("unanswerable", settled.unanswerable());
    accounting.givenUp("undecodable", settled.undecodable());
  }

  /** Returns the position at which the client last resumed if it has confirmed nothing since. */
  boolean isWhereItResumed() {
    return confirmed == resumedAt;
  }

  /** Returns the position after the last confirmed byte. */
  long confirmed() {
    return confirmed;
  }

  /** Returns the position after the last event that needs no confirmation any more. */
  long countedFrom() {
    return Math.max(confirmed, countedFrom);
  }

  /** Returns whether every byte after the last confirmation is kept. */
  boolean isWhole() {
    return confirmed >= lostUntil;
  }

  /** Returns the number of events that are neither confirmed nor given up. */
  long waiting() {
    return waiting;
  }
}
