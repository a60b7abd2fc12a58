package dev.holdfast.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.LogLines;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ErrorBoundaryTest {
  private final List<String> heard = new ArrayList<>();
  private final ErrorBoundary boundary = new ErrorBoundary("a test", () -> heard.add("ended"));

  private void thrown() {
    heard.add("throws");
    throw new IllegalStateException("a fault");
  }

  @Test
  void whatThrowsIsEnded() {
    boundary.run(this::thrown);

    assertThat(heard).containsExactly("throws", "ended");
  }

  @Test
  void whatThrowsOnceMoreIsNotEndedTwice() {
    boundary.run(this::thrown);
    boundary.run(this::thrown);

    assertThat(heard).containsExactly("throws", "ended", "throws");
  }

  @Test
  void whatLastsIsPutRightAfterEachError() {
    ErrorBoundary lasting = ErrorBoundary.lasting("a test", () -> heard.add("put right"));

    lasting.run(this::thrown);
    lasting.run(this::thrown);

    assertThat(heard).containsExactly("throws", "put right", "throws", "put right");
  }

  @Test
  void threadThatHasEndedIsNoInternalError() {
    try (LogLines log = new LogLines()) {
      boundary.run(
          () -> {
            throw new RejectedExecutionException("the thread is terminating");
          });

      assertThat(heard).containsExactly("ended");
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void endThatThrowsLeavesNothingToItsCaller() {
    ErrorBoundary broken = new ErrorBoundary("a test", this::thrown);

    broken.run(this::thrown);

    assertThat(heard).containsExactly("throws", "throws");
  }

  @Test
  void memoryThatRunsOutEndsThisOneOnly() {
    int result =
        boundary.call(
            () -> {
              throw new OutOfMemoryError("of this one");
            },
            error -> 7);

    assertThat(result).isEqualTo(7);
    assertThat(heard).containsExactly("ended");
  }

  @Test
  void checkedExceptionOfAnEntryGoesToItsCaller() {
    assertThatThrownBy(
            () ->
                boundary.enter(
                    "a target",
                    "an argument",
                    (target, argument) -> {
                      throw new IOException(target + " and " + argument);
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("a target and an argument");
    assertThat(heard).isEmpty();
  }

  @Test
  void whatIsThrownInTheMiddleOfAnotherOwnersWorkEndsThisOneLater() {
    ManualTimers timers = new ManualTimers();

    boolean done = boundary.enter("a target", 1, (target, argument) -> thrown(), loop(timers));
    heard.add("goes on");
    assertThat(done).isFalse();
    timers.pass(Duration.ofMillis(1));

    assertThat(heard).containsExactly("throws", "goes on", "ended");
  }

  private static EventLoop loop(ManualTimers timers) {
    return new EventLoop() {
      @Override
      public boolean inEventLoop() {
        return true;
      }

      @Override
      public void execute(Runnable task) {
        var unused = timers.schedule(Duration.ZERO, task);
      }

      @Override
      public long nanoTime() {
        return timers.nanoTime();
      }

      @Override
      public Runnable schedule(Duration delay, Runnable task) {
        return timers.schedule(delay, task);
      }
    };
  }

  @Test
  void tasksOfTimersAreInside() {
    ManualTimers timers = new ManualTimers();
    var unused = boundary.guard(timers).after(Duration.ofSeconds(1), this::thrown);

    timers.pass(Duration.ofSeconds(1));

    assertThat(heard).containsExactly("throws", "ended");
  }

  @Test
  void cancelledTaskDoesNotRunThoughItIsDueAlready() {
    ManualTimers timers = new ManualTimers();
    Timers.ScheduledTask second = timers.after(Duration.ofSeconds(1), () -> heard.add("second"));
    Timers.ScheduledTask first = timers.after(Duration.ofMillis(500), second::cancel);

    timers.pass(Duration.ofSeconds(2));
    first.cancel();

    assertThat(heard).isEmpty();
  }
}
