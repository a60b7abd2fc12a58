package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.LogPackets.Kept;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The invariants of a log, after each of many random operations, against a list of packets. */
class EventLogTest {
  private static final int TRIALS = 300;
  private static final int OPERATIONS = 120;
  private static final String CONNECT = "40{\"sid\":\"s\"}";
  private static final String END = "42[\"end\"]";

  private static final String[] NO_EVENTS = {"43", "42/other,[\"e\"]"};

  /** A packet of the model, where it ended when it was looked at last. */
  private static final class Packet {
    private String text;
    private final long offset;
    private long end = -1;

    private Packet(String text, long offset) {
      this.text = text;
      this.offset = offset;
    }
  }

  private BufferPool pool = new BufferPool(0);
  private Offsets offsets = new Offsets("tag");
  private EventLog log = log(OffsetStyle.ARGUMENT);
  private SplittableRandom random = new SplittableRandom(0);
  private boolean arguments;

  /** All packets that have not been merged away, released ones included. */
  private final List<Packet> packets = new ArrayList<>();

  /** Number of packets that keep their position. */
  private int fixed;

  private long counter = -1;

  private EventLog log(OffsetStyle style) {
    return new EventLog(offsets, style, pool, new Calls(0), length -> null);
  }

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void invariantsHoldWhateverHappens(OffsetStyle style) {
    long merged = 0;
    for (int trial = 1; trial <= TRIALS; trial++) {
      random = new SplittableRandom(trial);
      pool = new BufferPool(1 << 20);
      offsets = new Offsets("tag");
      log = log(style);
      arguments = style == OffsetStyle.ARGUMENT;
      packets.clear();
      fixed = 0;
      counter = -1;
      for (int i = 0; i < OPERATIONS; i++) {
        merged += operation();
        check();
      }
      log.spool().clear();
      assertThat(pool.taken()).isZero();
    }
    assertThat(merged > 1000).isEqualTo(arguments);
  }

  private long operation() {
    int dice = random.nextInt(100);
    if (dice < 50) {
      event("42[\"" + (char) ('a' + random.nextInt(3)) + "\",\"" + text() + "\"]");
    } else if (dice < 65) {
      other(random.nextInt(5));
    } else if (dice < 80) {
      LogPackets.send(log);
      fixed = Math.max(fixed, sent());
    } else if (dice < 90) {
      log.spool().release(log.spool().start() + random.nextInt(3000));
    } else {
      return compact();
    }
    return 0;
  }

  private String text() {
    return "x".repeat(random.nextInt(8) == 0 ? random.nextInt(2000) : random.nextInt(20));
  }

  private void other(int kind) {
    switch (kind) {
      case 0 -> event(END);
      case 1 -> event("42" + random.nextInt(100) + "[\"call\"]");
      case 2 -> event("451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
      case 3 -> {
        assertThat(log.appendReply(TextFrame.of(CONNECT))).isTrue();
        packets.add(new Packet(CONNECT, ++counter));
        fixed = packets.size();
      }
      default -> {
        String packet = NO_EVENTS[random.nextInt(NO_EVENTS.length)];
        LogPackets.append(log, packet.equals("43") ? "431[]" : packet);
        packets.add(new Packet(packet.equals("43") ? "431[]" : packet, -1));
      }
    }
  }

  private void event(String packet) {
    LogPackets.append(log, packet);
    packets.add(new Packet(packet, ++counter));
  }

  /** Number of packets that were sent. */
  private int sent() {
    List<Kept> kept = LogPackets.kept(log, offsets);
    long unsent = kept.stream().filter(each -> each.end() > log.spool().cursor()).count();
    return packets.size() - (int) unsent;
  }

  private long compact() {
    log.flush();
    long merged = log.compact(new Texts(), pool);
    int before = packets.size();
    if (arguments) {
      mergeModel();
    }
    assertThat(merged).isEqualTo(before - packets.size());
    return merged;
  }

  private void mergeModel() {
    Map<Character, Packet> open = new HashMap<>();
    for (int i = fixed; i < packets.size(); i++) {
      Packet packet = packets.get(i);
      boolean text = packet.text.matches("42\\[\"[a-c]\",.*");
      if (!text) {
        open.clear();
        continue;
      }
      Packet earlier = open.put(packet.text.charAt(4), packet);
      if (earlier != null) {
        String start = earlier.text.substring(0, earlier.text.length() - 2);
        packet.text = start + packet.text.substring("42[\"a\",\"".length());
        packets.remove(earlier);
        i--;
      }
    }
  }

  private void check() {
    List<Kept> kept = LogPackets.kept(log, offsets);
    int released = packets.size() - kept.size();
    assertThat(released).as("packets that were released").isBetween(0, Math.max(sent(), 0));
    long last = -1;
    for (int i = 0; i < kept.size(); i++) {
      Kept each = kept.get(i);
      Packet packet = packets.get(released + i);
      assertThat(each.text()).isEqualTo(packet.text);
      if (each.offset() >= 0) {
        assertThat(each.offset()).isEqualTo(packet.offset).isGreaterThan(last);
        last = each.offset();
      }
      if (released + i < fixed && packet.end >= 0) {
        assertThat(each.end()).as("end of what keeps its position").isEqualTo(packet.end);
      }
      packet.end = each.end();
    }
    assertThat(log.counter()).isEqualTo(counter);
    assertThat(log.spool().start()).isLessThanOrEqualTo(log.spool().cursor());
    if (counter >= 0) {
      checkReadFrom(random.nextLong(counter + 1), kept, released);
    }
  }

  /** A client that names an offset gets all that followed it, and with arguments nothing else. */
  private void checkReadFrom(long named, List<Kept> kept, int released) {
    long from = Replay.find(log, 0, offsets, new TextJson(), "tag." + named);
    if (from == Replay.TRIMMED) {
      assertThat(packets.subList(0, released)).anyMatch(each -> each.offset > named);
      return;
    }
    assertThat(packets.subList(0, released)).allMatch(each -> each.offset <= named || !arguments);
    for (int i = 0; i < kept.size(); i++) {
      long offset = packets.get(released + i).offset;
      boolean follows = kept.get(i).position() >= from;
      if (offset > named) {
        assertThat(follows).as("what is behind the offset follows").isTrue();
      } else if (offset >= 0 && kept.get(i).offset() >= 0) {
        assertThat(follows).as("what has the offset does not follow").isFalse();
      }
    }
  }
}
