package dev.holdfast.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
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
            7);

    assertThat(result).isEqualTo(7);
    assertThat(heard).containsExactly("ended");
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
    Timers.Timer second = timers.after(Duration.ofSeconds(1), () -> heard.add("second"));
    Timers.Timer first = timers.after(Duration.ofMillis(500), second::cancel);

    timers.pass(Duration.ofSeconds(2));
    first.cancel();

    assertThat(heard).isEmpty();
  }
}
