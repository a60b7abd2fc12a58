package dev.holdfast.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.LogLines;
import dev.holdfast.memory.Quotas.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RefusalLinesTest {
  private final AtomicLong clock = new AtomicLong(-7);
  private final RefusalLines refusals = new RefusalLines(reason -> {}, clock::get);
  private final LogLines log = new LogLines();

  @AfterEach
  void detachTheLog() {
    log.close();
  }

  private void refused(String address, String reason, int times) {
    for (int i = 0; i < times; i++) {
      refusals.refused(peer(address), address, reason, "got that");
    }
  }

  private static Peer peer(String address) {
    try {
      return Peer.of(InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(address, e);
    }
  }

  private void minutePasses() {
    clock.addAndGet(TimeUnit.MINUTES.toNanos(1));
  }

  @Test
  void repeatsOfAnAddressAreSummedUpOnceAMinute() {
    refused("192.0.2.1", "origin", 100);
    minutePasses();
    refused("192.0.2.1", "origin", 2);

    String line = "refused a request of 192.0.2.1 (origin): got that";
    assertThat(log.lines()).containsExactly(line, line + "; 99 more since the last such line");
  }

  @Test
  void otherAddressesAndReasonsHaveTheirOwnLine() {
    refused("192.0.2.1", "origin", 2);
    refused("192.0.2.1", "no-upgrade", 2);
    refused("192.0.2.2", "origin", 2);
    refused("2001:db8::1", "origin", 1);
    refused("2001:db8::2", "origin", 1); // of the same /64

    assertThat(log.lines()).hasSize(4);
  }

  @Test
  void moreAddressesThanAreKnownShareALine() {
    for (int i = 0; i < RefusalLines.MAX_KNOWN; i++) {
      refused("10.0." + i / 256 + "." + i % 256, "origin", 1);
    }
    refused("192.0.2.1", "origin", 1);
    refused("192.0.2.2", "origin", 500);
    assertThat(log.lines()).hasSize(RefusalLines.MAX_KNOWN + 1);

    minutePasses();
    refused("192.0.2.3", "origin", 1);

    assertThat(log.lines())
        .last()
        .asString()
        .isEqualTo("refused a request of 192.0.2.3 (origin): got that");
  }

  @Test
  void whatIsShownIsShortAndPlain() {
    assertThat(RefusalLines.shown("https://a.org")).isEqualTo("'https://a.org'");
    assertThat(RefusalLines.shown("a\r\n\u00e9\"'\\<b>")).isEqualTo("'a???????b?'");
    assertThat(RefusalLines.shown("x".repeat(500))).hasSize(125).endsWith("x...'");
  }
}
