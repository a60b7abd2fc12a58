package dev.holdfast.openwebui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.openwebui.WebSocketMemory.Client;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WebSocketMemoryTest {
  private static final Duration WAIT = Duration.ofSeconds(15);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int LIMIT = 150;

  private long now = -5;
  private final WebSocketMemory memory = new WebSocketMemory(WAIT, DAY, LIMIT, () -> now);
  private final Client office = client("192.0.2.1", 1);

  private static Client client(String address, int agent) {
    return new Client(Optional.empty(), Forwarding.peerOf(address), address, agent);
  }

  private static Client user(String name, String address, int agent) {
    return new Client(Optional.of(Peer.ofUser(name)), Forwarding.peerOf(address), address, agent);
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  /** The client loads the page; says whether that was told to poll. */
  private boolean load(Client client) {
    memory.loadsAgain(client);
    boolean without = memory.isWithout(client);
    if (!without) {
      memory.loaded(client);
    }
    return without;
  }

  @Test
  void handshakeWithoutUpgradeIsEnough() {
    assertThat(load(office)).isFalse();

    assertThat(memory.stripped(office)).isTrue();

    assertThat(load(office)).isTrue();
    assertThat(memory.stripped(office)).as("no news").isFalse();
  }

  @Test
  void twoPagesWithoutHandshakeInARowAreEnough() {
    assertThat(load(office)).isFalse();
    pass(WAIT);
    assertThat(load(office)).isFalse();
    pass(WAIT.minusNanos(1));
    assertThat(load(office)).as("the handshake may still come").isFalse();
    pass(Duration.ofNanos(1));

    assertThat(memory.loadsAgain(office)).as("news").isTrue();
    assertThat(memory.isWithout(office)).isTrue();
  }

  @Test
  void anyHandshakeInBetweenBeginsAnew() {
    load(office);
    pass(WAIT);
    load(office);
    memory.polls(office);
    pass(WAIT);
    assertThat(load(office)).isFalse();
    pass(WAIT);
    assertThat(load(office)).isFalse();
    memory.gotThrough(office);
    assertThat(memory.size()).isZero();
    pass(WAIT);
    assertThat(load(office)).isFalse();
    pass(WAIT);
    assertThat(load(office)).isFalse();
  }

  @Test
  void pageThatLoadsItsConfigurationAgainWhileItsWebSocketIsOpenIsNotWaitedFor() {
    memory.opened(office);
    memory.opened(office);
    memory.closed(office);
    for (int i = 0; i < 5; i++) {
      assertThat(load(office)).isFalse();
      pass(WAIT);
    }
    memory.closed(office);

    load(office);
    pass(WAIT);
    load(office);
    pass(WAIT);
    assertThat(load(office)).isTrue();
  }

  @Test
  void webSocketOfAUserAtHomeHidesNothingOfTheirOffice() {
    Client home = user("ada", "198.51.100.7", 1);
    Client here = user("ada", "192.0.2.1", 1);
    memory.opened(home);

    load(here);
    pass(WAIT);
    load(here);
    pass(WAIT);

    assertThat(load(here)).isTrue();
    memory.gotThrough(home);
    assertThat(load(here)).as("one WebSocket of the user clears it").isFalse();
  }

  @Test
  void userIsOneClientWithAnyBrowserAndAnotherUserIsNot() {
    memory.stripped(user("ada", "192.0.2.1", 1));

    assertThat(load(user("ada", "198.51.100.7", 2))).isTrue();
    assertThat(load(user("bob", "192.0.2.1", 1))).isFalse();
    assertThat(load(office)).isFalse();
  }

  @Test
  void browserThatSignsInAfterItsFirstHandshakeIsTheSame() {
    load(office);
    memory.stripped(office);

    assertThat(load(user("ada", "192.0.2.1", 1))).isTrue();
    assertThat(load(user("ada", "192.0.2.1", 2))).isFalse();
    memory.gotThrough(user("ada", "192.0.2.1", 1));
    assertThat(load(office)).isFalse();
  }

  @Test
  void webSocketFromBeforeTheSignInExplainsWhatIsLoadedAfterIt() {
    memory.opened(office);

    for (int i = 0; i < 5; i++) {
      assertThat(load(user("ada", "192.0.2.1", 1))).isFalse();
      pass(WAIT);
    }

    assertThat(memory.size()).isZero();
  }

  @Test
  void handshakeForPollingLeavesAClientThatIsTold() {
    memory.stripped(office);

    memory.polls(office);

    assertThat(load(office)).isTrue();
  }

  @Test
  void oneWebSocketClearsIt() {
    memory.stripped(office);

    memory.gotThrough(office);

    assertThat(load(office)).isFalse();
    assertThat(memory.size()).isEqualTo(1);
  }

  @Test
  void clientsAreForgottenInADaySinceTheLastSign() {
    memory.stripped(office);
    pass(DAY.minusNanos(1));
    assertThat(load(office)).isTrue();
    memory.stripped(office);
    pass(DAY.minusNanos(1));
    assertThat(load(office)).isTrue();
    pass(Duration.ofNanos(1));

    assertThat(memory.isWithout(office)).isFalse();
    assertThat(memory.size()).isZero();
  }

  @Test
  void browsersAtOneAddressAndAddressesAreToldApart() {
    memory.stripped(office);

    assertThat(memory.isWithout(client("192.0.2.1", 2))).isFalse();
    assertThat(memory.isWithout(client("192.0.2.2", 1))).isFalse();
    assertThat(memory.isWithout(client("192.0.2.1", 1))).isTrue();
  }

  @Test
  void noMoreClientsAreRememberedThanMayBe() {
    memory.stripped(office);
    for (int i = 0; i < LIMIT - 1; i++) {
      memory.stripped(client("198.51.100." + i, 1));
    }
    assertThat(memory.size()).isEqualTo(LIMIT);
    assertThat(memory.isWithout(office)).as("that makes it the last one used").isTrue();

    memory.stripped(client("203.0.113.1", 1));

    assertThat(memory.size()).isEqualTo(LIMIT);
    assertThat(memory.isWithout(office)).isTrue();
    assertThat(memory.isWithout(client("198.51.100.0", 1))).isFalse();
  }

  @Test
  void addressThatMakesUpBrowsersDisplacesItsOwn() {
    memory.stripped(office);
    for (int agent = 0; agent < 10 * LIMIT; agent++) {
      memory.stripped(client("198.51.100.1", agent));
    }

    assertThat(memory.size()).isEqualTo(101);
    assertThat(memory.isWithout(office)).isTrue();
    assertThat(memory.isWithout(client("198.51.100.1", 10 * LIMIT - 1))).isTrue();
  }
}
