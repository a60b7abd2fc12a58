package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RejectionLogTest {
  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final List<String> counted = new ArrayList<>();
  private final RejectionLog refusals =
      new RejectionLog((kind, reason) -> counted.add(kind + " " + reason), clock::get);

  private void refuse(int times) {
    for (int i = 0; i < times; i++) {
      refusals.refused(Signed.MESSAGE, RejectionLog.Reason.REPLAYED, "channel x");
    }
  }

  @Test
  void repeatsAreCountedOneByOneAndLoggedAsANumber() {
    try (LogLines log = new LogLines()) {
      refuse(10);
      clock.addAndGet(TimeUnit.MINUTES.toNanos(1));
      refuse(3);

      assertThat(counted).hasSize(13).containsOnly("message replayed");
      assertThat(log.lines())
          .containsExactly(
              "rejected a message from channel x (replayed): received before",
              "rejected a message from channel x (replayed): received before;"
                  + " 9 more since the last such line");
    }
  }

  @Test
  void eachKindAndReasonIsLogged() {
    try (LogLines log = new LogLines()) {
      refuse(1);
      refusals.refused(Signed.MESSAGE, RejectionLog.Reason.FORGED, "channel x");
      refusals.refused(Signed.MOVE, RejectionLog.Reason.REPLAYED, "elsewhere");

      assertThat(log.lines()).hasSize(3);
    }
  }
}
