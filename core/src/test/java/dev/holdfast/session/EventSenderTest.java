package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.session.SessionSetup.LogLimits;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The invariants of a sender, after each of many random operations, against a list of packets. */
class EventSenderTest {
  private static final int TRIALS = 500;
  private static final int OPERATIONS = 100;
  private static final LogLimits LIMITS =
      new LogLimits(20_000, 60, 1000, 2000, 4000, Duration.ofSeconds(5));

  private SplittableRandom random = new SplittableRandom(0);
  private EventSender sender = sender();
  private FakeConnection link = new FakeConnection(true);
  private @Nullable FakeConnection transport;

  /** All packets, and those of them that transports were given. */
  private final List<String> packets = new ArrayList<>();

  private final List<String> given = new ArrayList<>();

  /** Bytes that the transport had been given at its last ping, and that it has confirmed. */
  private long pingedAt;

  private long confirmed;
  private int pings;
  private boolean full;

  private static EventSender sender() {
    Duration ever = Duration.ofDays(1);
    SessionSetup.Limits limits =
        new SessionSetup.Limits(2, 1000, ever, LIMITS, ever, ever, true, ever, 0, ever, ever);
    SessionSetup setup =
        new SessionSetup(
            limits,
            OffsetStyle.ARGUMENT,
            "tag",
            0,
            new ManualTimers(),
            new BufferPool(0),
            new BufferPool(1 << 20),
            new TextJson());
    return new EventSender(setup, new Offsets("tag"), new ModelNode(), new Calls(0));
  }

  @Test
  void invariantsHoldWhateverHappens() {
    int ends = 0;
    for (int trial = 1; trial <= TRIALS; trial++) {
      random = new SplittableRandom(trial);
      sender = sender();
      link = new FakeConnection(true);
      sender.from(link);
      packets.clear();
      given.clear();
      full = false;
      attach();
      for (int i = 0; i < OPERATIONS && !full; i++) {
        operation();
        check();
      }
      ends += full ? 1 : 0;
      sender.clear();
    }
    assertThat(ends).as("sessions that ended at their limits").isBetween(10, TRIALS - 10);
  }

  private void operation() {
    FakeConnection to = transport;
    int dice = random.nextInt(100);
    if (dice < 50) {
      append(1 + random.nextInt(6));
    } else if (dice < 55) {
      link = new FakeConnection(true);
      sender.from(link);
    } else if (to == null) {
      if (dice < 85) {
        attach();
      }
    } else if (dice < 65) {
      to.taking = !to.taking;
      sender.drain();
    } else if (dice < 80) {
      confirm(to);
    } else if (dice < 90) {
      sender.wantConfirmation();
      sender.drain();
      look();
      assertThat(to.taking && pingedAt < to.given && confirmed < to.given).isFalse();
    } else if (dice < 95) {
      sender.detach();
      transport = null;
    }
    look();
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      String text = "42[\"e\",\"" + packets.size() + "x".repeat(random.nextInt(400)) + "\"]";
      LogPackets.append(sender.log(), text);
      packets.add(text.replaceFirst("]$", ",\"tag." + packets.size() + "\"]"));
    }
    boolean kept = sender.flush();
    look();
    boolean within =
        sender.log().spool().end() - sender.log().spool().start() <= LIMITS.bytes()
            && sender.confirmations().waiting() <= LIMITS.events();
    boolean givesUp = !sender.confirmations().isWhole() || unconfirmed() == unsent();
    assertThat(kept).isEqualTo(transport != null || within);
    assertThat(within || givesUp || transport == null).as("keeps what was sent").isTrue();
    full = !kept;
  }

  private void attach() {
    transport = new FakeConnection(false);
    transport.taking = random.nextInt(4) > 0;
    pingedAt = 0;
    pings = 0;
    confirmed = 0;
    sender.to(transport);
    sender.drain();
    look();
  }

  private void confirm(FakeConnection to) {
    List<byte[]> writes = to.writes;
    if (!writes.isEmpty()) {
      int some = 1 + random.nextInt(writes.size());
      long bytes = writes.subList(0, some).stream().mapToLong(write -> write.length).sum();
      confirmed = Math.max(confirmed, bytes);
      sender.confirm(bytes);
    }
  }

  /** Notes what the transport was given. */
  private void look() {
    FakeConnection to = transport;
    if (to != null) {
      given.addAll(to.packets);
      to.packets.clear();
      pingedAt = to.pings > pings ? to.given : pingedAt;
      pings = to.pings;
    }
  }

  private void check() {
    assertThat(given).isEqualTo(packets.subList(0, given.size()));
    assertThat(link.reading).isEqualTo(!sender.isBlocked());
    FakeConnection to = transport;
    if (to == null) {
      assertThat(link.reading).as("read for a client that is away").isTrue();
      return;
    }
    if (to.taking) {
      assertThat(given).hasSameSizeAs(packets);
      assertThat(pingedAt == to.given || unconfirmed() <= LIMITS.ackAfter()).isTrue();
    }
    if (unsent() <= LIMITS.unsent() / 2) {
      assertThat(sender.isBlocked()).isFalse();
    }
  }

  private long unsent() {
    return sender.log().spool().end() - sender.log().spool().cursor();
  }

  private long unconfirmed() {
    return sender.log().spool().end() - sender.confirmations().confirmed();
  }
}
