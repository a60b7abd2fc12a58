package dev.holdfast.session;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Spool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.SocketPacketType;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.Compactor.Run;
import dev.holdfast.session.Compactor.Step;
import dev.holdfast.session.EventLogReader.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges events at the end of a log. Only those that carry their offset themselves: one that leaves
 * its place takes its offset along. Used once.
 */
final class Compaction {
  /** Maximum number of runs at a time. */
  static final int MAX_RUNS = 8;

  private static final byte[] EVENT = {'4', '2'};

  /** A run, and the number of its last packet. */
  private static final class Open {
    private final Run run;
    private int last;

    private Open(Run run, int last) {
      this.run = run;
      this.last = last;
    }
  }

  private final Spool old;
  private final long from;
  private final Offsets offsets;
  private final Compactor compactor;
  private final List<Open> open = new ArrayList<>();

  /** Numbers of the packets that are merged into a later one. */
  private final BitSet gone = new BitSet();

  /** Runs of several events, by the number of their last packet. */
  private final Map<Integer, Run> merged = new HashMap<>();

  private int number;
  private boolean outOfMemory;

  /** Creates a compaction of all packets from a position on. */
  Compaction(Spool old, long from, Offsets offsets, Compactor compactor) {
    this.old = old;
    this.from = from;
    this.offsets = offsets;
    this.compactor = compactor;
  }

  /** Returns the number of events that were merged into later ones; 0 if memory is short. */
  long run(BufferPool pool) {
    EventLogReader.visit(old, from, old.end(), this::plan);
    if (merged.isEmpty()) {
      return 0;
    }
    Spool fresh = new Spool(pool, from);
    fresh.mark(EventLogReader.offsetBefore(old, from, offsets));
    number = 0;
    try {
      EventLogReader.visit(old, from, old.end(), entry -> write(entry, fresh));
      if (!outOfMemory) {
        old.swapTail(fresh);
      }
    } finally {
      fresh.clear();
    }
    return outOfMemory ? 0 : gone.cardinality();
  }

  private void plan(Entry entry) {
    long offset = entry.offset(offsets);
    boolean plain = entry.isEvent() && entry.header().type() == SocketPacketType.EVENT;
    if (plain && !entry.isCall() && offset >= 0) {
      plan(offsets.withoutArgument(entry.json(), offset));
    } else {
      open.clear();
    }
    number++;
  }

  private void plan(byte[] event) {
    for (int i = 0; i < open.size(); i++) {
      Open each = open.get(i);
      Step step = each.run.next(event);
      if (step == Step.MERGED) {
        gone.set(each.last);
        merged.remove(each.last);
        each.last = number;
        merged.put(number, each.run);
        return;
      }
      if (step == Step.ENDED) {
        open.remove(i--);
      }
    }
    if (open.size() == MAX_RUNS) {
      open.remove(0);
    }
    compactor.begin(event).ifPresent(run -> open.add(new Open(run, number)));
  }

  private void write(Entry entry, Spool fresh) {
    int at = number++;
    if (gone.get(at) || outOfMemory) {
      return;
    }
    Run run = merged.get(at);
    long offset = entry.offset(offsets);
    Message event = run == null ? entry.packet() : event(run.merged());
    int room = run == null ? entry.length() : event.length() + offsets.argumentRoom();
    ByteBuffer target = fresh.room(room);
    if (target == null) {
      outOfMemory = true;
    } else {
      if (run == null) {
        entry.copyTo(target);
      } else {
        offsets.writeArgument(target, event, offset);
      }
      fresh.added();
      fresh.mark(offset < 0 ? fresh.mark() : offset);
    }
  }

  private static Message event(byte[] json) {
    byte[] packet = new byte[EVENT.length + json.length];
    System.arraycopy(EVENT, 0, packet, 0, EVENT.length);
    System.arraycopy(json, 0, packet, EVENT.length, json.length);
    Message event = new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
    if (!Offsets.canTakeArgument(event, EVENT.length)) {
      throw new IllegalStateException("a compactor has merged events into what is no event");
    }
    return event;
  }
}
