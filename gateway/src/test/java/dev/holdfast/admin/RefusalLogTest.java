package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
  private final AtomicLong clock = new AtomicLong();
  private final RefusalLog log = new RefusalLog(clock::get);

  @Test
  void repeatsOfAKindAreSummedUpOnceAMinute() throws Exception {
    InetAddress address = InetAddress.getByName("192.0.2.1");
    try (LogLines lines = new LogLines()) {
      for (int second = 0; second <= 120; second++) {
        log.refused(Refusal.WRONG_TOKEN, address);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
      }
      log.refused(Refusal.HOST, address);

      String wrong =
          "the admin port refused a request of 192.0.2.1: the bearer token is not that of this node";
      assertThat(lines.lines().subList(0, 3))
          .containsExactly(
              wrong,
              wrong + " (and 59 before, not logged)",
              wrong + " (and 59 before, not logged)");
      assertThat(lines.lines()).hasSize(4).last().asString().contains("Host must be");
    }
  }
}
