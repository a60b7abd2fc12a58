package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.session.LogPackets.Kept;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The invariants of confirmations, after each of many random operations, against a list. */
class ConfirmationsTest {
  private static final int TRIALS = 500;
  private static final int OPERATIONS = 100;

  private enum State {
    WAITING,
    LOST,
    DELIVERED
  }

  private static final class Event {
    private long end;
    private State state = State.WAITING;
  }

  private static final class Accounts implements EventAccounting {
    private long accepted;
    private long delivered;
    private long merged;

    @Override
    public void accepted(long events) {
      accepted += events;
    }

    @Override
    public void delivered(long events) {
      delivered += events;
    }

    @Override
    public void merged(long events) {
      merged += events;
    }

    @Override
    public void givenUp(String reason, long events) {
      throw new AssertionError("given up");
    }

    @Override
    public void replayed(long events, long bytes) {
      throw new AssertionError("replayed");
    }

    @Override
    public void answerDropped() {
      throw new AssertionError("no answers here");
    }
  }

  private final Offsets offsets = new Offsets("tag");
  private BufferPool pool = new BufferPool(0);
  private EventLog log = log();
  private Accounts accounts = new Accounts();
  private Confirmations confirmations = new Confirmations(log, accounts);
  private SplittableRandom random = new SplittableRandom(0);

  /** Those that have not been merged away. */
  private final List<Event> events = new ArrayList<>();

  private long confirmed;
  private long lostUntil;

  private EventLog log() {
    return new EventLog(offsets, OffsetStyle.ARGUMENT, pool, new Calls(0), length -> null);
  }

  @Test
  void invariantsHoldWhateverHappens() {
    for (int trial = 1; trial <= TRIALS; trial++) {
      random = new SplittableRandom(trial);
      pool = new BufferPool(1 << 20);
      log = log();
      accounts = new Accounts();
      confirmations = new Confirmations(log, accounts);
      events.clear();
      confirmed = 0;
      lostUntil = 0;
      for (int i = 0; i < OPERATIONS; i++) {
        operation();
        check();
      }
      log.spool().clear();
    }
  }

  private void operation() {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> append(1 + random.nextInt(5));
      case 3, 4 -> LogPackets.send(log);
      case 5, 6 -> confirm();
      case 7 -> {
        if (log.spool().cursor() == log.spool().end()) {
          confirmations.asked();
        } else if (random.nextBoolean()) {
          confirmations.forgetAsked();
        }
      }
      case 8 -> {
        if (random.nextInt(3) == 0) {
          releaseSent();
        } else {
          log.spool().release(confirmations.confirmed());
        }
      }
      default -> compact();
    }
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      LogPackets.append(log, "42[\"a\",\"" + "x".repeat(random.nextInt(400)) + "\"]");
      Event event = new Event();
      event.end = log.spool().end();
      events.add(event);
    }
    confirmations.accepted(log.takeEvents());
  }

  /** At the end of something that was sent, which may be confirmed already. */
  private void confirm() {
    List<Long> ends =
        events.stream().map(event -> event.end).filter(end -> end <= log.spool().cursor()).toList();
    if (ends.isEmpty()) {
      return;
    }
    long position = random.nextInt(3) == 0 ? log.spool().cursor() : ends.get(pick(ends.size()));
    confirmations.confirm(position);
    if (position > confirmed) {
      confirmed = position;
      for (Event event : events) {
        boolean known = event.state == State.WAITING || position >= lostUntil;
        if (event.end <= position && known) {
          event.state = State.DELIVERED;
        }
      }
    }
  }

  private int pick(int size) {
    return random.nextInt(size);
  }

  private void releaseSent() {
    if (log.spool().start() < log.spool().cursor()) {
      lostUntil = log.spool().cursor();
      for (Event event : events) {
        boolean lost = event.end <= lostUntil && event.state == State.WAITING;
        event.state = lost ? State.LOST : event.state;
      }
    }
    confirmations.releaseSent();
  }

  /** All texts are of one letter: those that were not sent become one. */
  private void compact() {
    confirmations.merged(log.compact(new Texts(), pool));
    long cursor = log.spool().cursor();
    int sent = (int) events.stream().filter(event -> event.end <= cursor).count();
    while (events.size() > sent + 1) {
      events.remove(sent);
    }
    List<Kept> kept = LogPackets.kept(log, offsets);
    if (events.size() > sent) {
      events.get(sent).end = kept.get(kept.size() - 1).end();
    }
  }

  private void check() {
    long waiting = events.stream().filter(event -> event.state != State.DELIVERED).count();
    assertThat(confirmations.waiting()).isEqualTo(waiting);
    assertThat(accounts.accepted).isEqualTo(accounts.delivered + accounts.merged + waiting);
    assertThat(confirmations.confirmed())
        .isEqualTo(confirmed)
        .isLessThanOrEqualTo(log.spool().cursor());
    assertThat(confirmations.isWhole()).isEqualTo(confirmed >= lostUntil);
    if (confirmations.isWhole()) {
      List<Kept> kept = LogPackets.kept(log, offsets);
      long after = events.stream().filter(event -> event.end > confirmed).count();
      assertThat(kept.stream().filter(each -> each.end() > confirmed)).hasSize((int) after);
    }
  }
}
