package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.ManualTimers;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is waited for, and who is not any more. */
class NonResumingClientsTest {
  private static final Settings LIMITS =
      Settings.of(Map.of("resume.non-resuming-clients", "3", "resume.non-resuming-time", "1h"));

  private final ManualTimers timers = new ManualTimers();
  private final Metrics metrics = new Metrics();
  private final NonResumingClients clients =
      new NonResumingClients(LIMITS, metrics.resume(), timers::nanoTime);
  private final NonResumingClients.Client client = clients.client("user a", "python");

  private static void comesAfresh(NonResumingClients.Client who, int times) {
    for (int i = 0; i < times; i++) {
      who.parked();
      who.connectedAfresh();
    }
  }

  private double notParked() {
    return metrics.registry().scrape(name -> name.equals("holdfast_sessions_not_parked")).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .mapToDouble(point -> ((CounterSnapshot.CounterDataPointSnapshot) point).getValue())
        .sum();
  }

  @Test
  void clientThatComesAfreshThreeTimesIsWaitedForNoMore() {
    comesAfresh(client, 2);
    assertThat(client.mayBeParked()).isTrue();

    comesAfresh(client, 1);

    assertThat(client.mayBeParked()).isFalse();
    assertThat(notParked()).isEqualTo(1);
  }

  @Test
  void connectionsAfterNoLossProveNothing() {
    client.parked();
    for (int i = 0; i < 10; i++) {
      client.connectedAfresh();
    }

    assertThat(client.mayBeParked()).isTrue();
  }

  @Test
  void clientThatNamesAPidIsWaitedForAgain() {
    comesAfresh(client, 3);
    client.resumes();

    assertThat(client.mayBeParked()).isTrue();
    assertThat(clients.size()).isZero();
    comesAfresh(client, 2);
    assertThat(client.mayBeParked()).isTrue();
  }

  @Test
  void otherOwnersAndOtherProgramsAreOthers() {
    comesAfresh(client, 3);

    assertThat(clients.client("user a", "go").mayBeParked()).isTrue();
    assertThat(clients.client("user b", "python").mayBeParked()).isTrue();
    assertThat(clients.client("user a", "python").mayBeParked()).isFalse();
  }

  @Test
  void clientIsForgottenThatIsNotSeenForLong() {
    comesAfresh(client, 3);
    timers.pass(Duration.ofHours(1));
    assertThat(client.mayBeParked()).as("seen now, and remembered on").isFalse();
    timers.pass(Duration.ofMinutes(61));

    assertThat(client.mayBeParked()).isTrue();
  }

  @Test
  void soManyAreRememberedAndThoseThatWereNotSeenForLongestGo() {
    comesAfresh(client, 3);
    for (int i = 0; i < 10; i++) {
      assertThat(client.mayBeParked()).isFalse();
      clients.client("user " + i, "go").parked();
    }

    assertThat(clients.size()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      clients.client("user " + i, "go").parked();
    }
    assertThat(client.mayBeParked()).isTrue();
  }
}
