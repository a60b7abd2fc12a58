package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.Quotas.Peer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailedTriesTest {
  private static final Duration WINDOW = Duration.ofSeconds(60);

  // A clock may have any origin, and overflow.
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1);
  private final FailedTries tries = new FailedTries(3, WINDOW, clock::get);

  private static Peer peer(String address) throws UnknownHostException {
    return Peer.of(InetAddress.getByName(address));
  }

  private void after(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  @Test
  void addressHasToWaitForTheRestOfItsWindowWhenItsTriesAreUsedUp() throws Exception {
    Peer address = peer("192.0.2.1");
    tries.failed(address);
    after(Duration.ofSeconds(10));
    tries.failed(address);
    assertThat(tries.wait(address)).isZero();
    after(Duration.ofSeconds(20));
    tries.failed(address);

    assertThat(tries.wait(address)).isEqualTo(Duration.ofSeconds(30));
    after(Duration.ofSeconds(30).minusNanos(1));
    assertThat(tries.wait(address)).isEqualTo(Duration.ofNanos(1));
    after(Duration.ofNanos(1));
    assertThat(tries.wait(address)).isZero();
  }

  @Test
  void newWindowBeginsWithTheNextFailure() throws Exception {
    Peer address = peer("192.0.2.1");
    for (int i = 0; i < 2; i++) {
      tries.failed(address);
    }
    after(WINDOW);
    for (int i = 0; i < 2; i++) {
      tries.failed(address);
    }
    assertThat(tries.wait(address)).isZero();
    tries.failed(address);

    assertThat(tries.wait(address)).isEqualTo(WINDOW);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.2, false",
    "2001:db8::1, 2001:db8::2, true",
    "2001:db8::1, 2001:db8:0:0:ffff::1, true",
    "2001:db8::1, 2001:db8:0:1::1, false",
    "::ffff:192.0.2.1, 192.0.2.1, true"
  })
  void whatOneHostMayCallItselfIsOneAddress(String one, String other, boolean same)
      throws Exception {
    for (int i = 0; i < 3; i++) {
      tries.failed(peer(one));
    }

    assertThat(!tries.wait(peer(other)).isZero()).isEqualTo(same);
  }

  @Test
  void noMoreThanSoManyAddressesAreKept() throws Exception {
    for (int address = 0; address < 3 * FailedTries.MAX_ADDRESSES; address++) {
      Peer each = peer("10.0." + address / 256 + "." + address % 256);
      for (int i = 0; i < 3; i++) {
        tries.failed(each);
      }
      assertThat(tries.wait(each)).isEqualTo(WINDOW);
    }

    assertThat(tries.addresses()).isEqualTo(FailedTries.MAX_ADDRESSES);
    assertThat(tries.wait(peer("10.0.0.0"))).isZero();
  }
}
