package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Spool;
import dev.holdfast.session.EventLogReader.Entry;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes what a resuming client has missed and queues it again: its CONNECT reply, the calls it
 * has not answered, and each packet after the last one it has handled.
 */
final class Replay {
  /** The client names an unknown position. */
  static final long UNKNOWN = -1;

  /** The client names a position that is no longer kept. */
  static final long TRIMMED = -2;

  /**
   * The terms of a replay.
   *
   * @param claimed index of the pid with which the client resumes
   * @param asksAgain whether unanswered calls before the position are replayed
   * @param repeats how often in a row the client has named the same offset. It may be unable to
   *     decode what follows, so that many further offsets are checked for invalid JSON
   */
  record Terms(Pids pids, int claimed, Calls calls, boolean asksAgain, int repeats) {}

  /**
   * The range that a client has missed. A client that was sent no offset yet receives them now,
   * counted on from the last one.
   *
   * @param log what was kept for the client
   * @param from position after the last packet that it has handled
   * @param confirmed position after what it had confirmed before
   */
  record Missed(EventLog log, long from, long confirmed) {
    private Spool spool() {
      return log.spool();
    }

    private boolean silent() {
      return log.isSilent();
    }
  }

  /**
   * The replay.
   *
   * @param events number of events that are sent again
   * @param counter of the last offset
   * @param countedFrom position after which events are not confirmed yet
   * @param tellsOffset whether the replay contains an offset
   */
  record Lined(
      Spool spool,
      long events,
      long counter,
      Settled settled,
      long countedFrom,
      boolean tellsOffset) {}

  /**
   * Numbers of events that are not sent again and need no confirmation any more.
   *
   * @param answered calls that the client must have received
   * @param unanswerable calls of a lost link
   * @param undecodable events that no client can decode
   */
  record Settled(long answered, long unanswerable, long undecodable) {
    long events() {
      return answered + unanswerable + undecodable;
    }
  }

  private final Missed missed;
  private final Spool fresh;
  private final Offsets offsets;
  private final Json json;
  private final Terms terms;
  private long events;
  private long answered;
  private long unanswerable;
  private long undecodable;
  private long countedFrom;
  private boolean tellsOffset;
  private int suspected;

  /** Whether the last events are not followed by an offset yet. */
  private boolean unmarked;

  /** Bytes of the events that will share the next marker. */
  private int run;

  private long counter;
  private boolean outOfMemory;

  private Replay(Missed missed, BufferPool pool, Offsets offsets, Json json, Terms terms) {
    this.missed = missed;
    this.fresh = new Spool(pool, missed.spool().end());
    this.offsets = offsets;
    this.json = json;
    this.terms = terms;
    this.suspected = terms.repeats();
    this.counter = missed.log().counter();
  }

  /**
   * Returns the position after the last packet that a client with this offset has handled, or
   * {@link #UNKNOWN} or {@link #TRIMMED}.
   */
  static long find(
      EventLog log, long confirmed, Offsets offsets, Json json, @Nullable String offset) {
    if (log.isSilent()) {
      // The client names the last argument of an event, or an offset of an earlier session.
      return confirmed;
    }
    Spool spool = log.spool();
    if (offset == null) {
      return spool.startMark() < 0 ? spool.start() : TRIMMED;
    }
    long named = offsets.read(offset);
    if (named < 0) {
      return behindText(spool, confirmed, json, offset);
    }
    return named > log.counter() ? UNKNOWN : behindOffset(spool, offsets, named);
  }

  /**
   * Returns the position after the last offset up to {@code named}, whether sent over this
   * transport or not: a late request may have queued again what the client has received since. What
   * precedes the first kept offset was confirmed, but a handler threw and left an old offset.
   */
  private static long behindOffset(Spool spool, Offsets offsets, long named) {
    long[] found = {spool.startMark() <= named ? spool.start() : TRIMMED};
    EventLogReader.visit(
        spool,
        spool.start(),
        spool.end(),
        entry -> {
          long offset = entry.offset(offsets);
          if (offset >= 0 && offset <= named) {
            found[0] = entry.endPosition();
          }
        });
    return found[0];
  }

  /**
   * Finds an event that ends with this string, which replaced the offset until the next one
   * arrived.
   */
  private static long behindText(Spool spool, long confirmed, Json json, String text) {
    long[] found = {UNKNOWN};
    EventLogReader.visit(
        spool,
        confirmed,
        spool.cursor(),
        entry -> {
          if (found[0] == UNKNOWN
              && entry.isEvent()
              && !entry.isCall()
              && json.lastText(entry.json()).filter(text::equals).isPresent()) {
            found[0] = entry.endPosition();
          }
        });
    return found[0];
  }

  /**
   * Queues what a client has missed in a new spool, whose positions start at the end of the old
   * one. Returns empty if there is no memory for it.
   */
  static Optional<Lined> line(
      Missed missed, BufferPool pool, Offsets offsets, Json json, Terms terms) {
    Replay replay = new Replay(missed, pool, offsets, json, terms);
    boolean whole = false;
    try {
      replay.run();
      whole = !replay.outOfMemory;
    } finally {
      if (!whole) {
        replay.fresh.clear();
      }
    }
    return whole ? Optional.of(replay.lined()) : Optional.empty();
  }

  private Lined lined() {
    Settled settled = new Settled(answered, unanswerable, undecodable);
    return new Lined(fresh, events, counter, settled, countedFrom, tellsOffset);
  }

  private void run() {
    Spool old = missed.spool();
    fresh.mark(
        missed.silent() ? counter : EventLogReader.offsetBefore(old, missed.from(), offsets));
    add(terms.pids().reply(terms.claimed()));
    if (missed.silent()) {
      mark(counter);
    }
    if (terms.asksAgain()) {
      Set<Long> inPlace = new HashSet<>();
      EventLogReader.visit(
          old,
          missed.from(),
          old.end(),
          entry -> {
            if (entry.isCall()) {
              inPlace.add(entry.header().ackId());
            }
          });
      for (byte[] call : terms.calls().askedBefore(inPlace)) {
        events++;
        add(call);
      }
    }
    countedFrom = fresh.end();
    EventLogReader.visit(old, missed.from(), old.end(), this::line);
    if (missed.silent() && unmarked) {
      mark(counter);
    }
  }

  private void line(Entry entry) {
    boolean counted = entry.position() >= missed.confirmed();
    if (!entry.isRoot() || isKnownReply(entry)) {
      return;
    }
    if (entry.isCall() && !terms.calls().isUnanswered(entry.header().ackId())) {
      boolean lost = terms.calls().ofLink(entry.header().ackId()) < 0;
      unanswerable += counted && lost ? 1 : 0;
      answered += counted && !lost ? 1 : 0;
    } else if (suspected > 0 && entry.isEvent() && !json.isValid(entry.json())) {
      suspected = 0;
      undecodable += counted ? 1 : 0;
      terms.calls().answered(entry.header().ackId());
    } else {
      long told = entry.offset(offsets);
      boolean offset = told >= 0;
      suspected -= offset ? 1 : 0;
      tellsOffset |= offset;
      events += entry.isEvent() ? 1 : 0;
      if (missed.silent()) {
        number(entry);
      } else {
        copy(entry);
        fresh.mark(offset ? told : fresh.mark());
      }
      if (!counted) {
        countedFrom = fresh.end();
      }
    }
  }

  /** Returns whether the client must have received this CONNECT reply, given its pid. */
  private boolean isKnownReply(Entry entry) {
    return entry.isConnect() && terms.pids().ofReply(entry.frame()) <= terms.claimed();
  }

  /** Copies an entry for a client that was sent no offset yet, and adds its offset. */
  private void number(Entry entry) {
    boolean full = run + entry.length() > EventLog.MARKER_RUN;
    if (unmarked && (full || !fresh.fits(entry.length() + offsets.markerRoom()))) {
      mark(counter);
    }
    copy(entry);
    if (entry.isEvent() || entry.isConnect()) {
      fresh.mark(++counter);
      unmarked = true;
      run += entry.length();
    }
    if (entry.isCall() || entry.isConnect() || run > EventLog.MARKER_RUN) {
      mark(counter);
    }
  }

  private void copy(Entry entry) {
    boolean marks = entry.offset(offsets) >= 0;
    int needed = entry.length() + (marks ? 0 : offsets.markerRoom());
    if (unmarked && !fresh.fits(needed)) {
      // Splits events that share a marker: each part ends with its own offset.
      mark(before(entry));
    }
    ByteBuffer room = fresh.room(needed);
    if (room == null) {
      outOfMemory = true;
    } else {
      entry.copyTo(room);
      fresh.added();
      unmarked = !marks && (unmarked || (entry.isEvent() && !entry.isCall()));
    }
  }

  /**
   * Returns the offset before an event that shares a marker, which follows closely; negative if
   * none.
   */
  private long before(Entry entry) {
    long[] found = {-1, 0};
    long from = entry.position();
    long to = Math.min(missed.spool().end(), from + EventLog.MARKER_RUN + BufferPool.SMALL);
    EventLogReader.visit(
        missed.spool(),
        from,
        to,
        next -> {
          found[1] += found[0] < 0 && next.isEvent() ? 1 : 0;
          found[0] = found[0] < 0 ? next.offset(offsets) : found[0];
        });
    return found[0] - found[1];
  }

  private void mark(long behind) {
    if (behind < 0) {
      return;
    }
    ByteBuffer room = fresh.room(offsets.markerRoom());
    if (room == null) {
      outOfMemory = true;
    } else {
      offsets.writeMarker(room, behind);
      fresh.added();
      unmarked = false;
      run = 0;
      tellsOffset = true;
    }
  }

  private void add(byte[] frames) {
    // A marker that follows is sent together with it.
    ByteBuffer room = fresh.room(frames.length + offsets.markerRoom());
    if (room == null) {
      outOfMemory = true;
    } else {
      room.put(frames);
      fresh.added();
    }
  }
}
