package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.proxy.ConnectionRequest.Environment;
import dev.holdfast.proxy.ConnectionRequest.RetryPolicy;
import dev.holdfast.proxy.PoolFixture.Request;
import dev.holdfast.proxy.PoolFixture.Wire;
import dev.holdfast.time.SteadyClock;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectionRequestTest {
  private final PoolFixture backend =
      new PoolFixture("proxy.connections=1", "proxy.queue=5", "proxy.queue-timeout=1h");
  private final Environment environment =
      Environment.of(backend.limits, TestQuotas.plenty(), held -> {});
  private final Request caller = new Request(backend.here);
  private boolean healthy = true;

  private ConnectionRequest begun(Request by) {
    ConnectionRequest request =
        new ConnectionRequest(
            environment,
            backend.here,
            () -> healthy ? Optional.of(backend.pool) : Optional.empty(),
            new RetryPolicy(true, true),
            by);
    request.begin();
    return request;
  }

  private long afterTheQueueTimeout() {
    return SteadyClock.nanoTime() + backend.limits.get(ProxyKeys.QUEUE_TIMEOUT).toNanos() + 1;
  }

  @Test
  void requestInTheQueueIsRefusedAfterTheQueueTimeoutAndNotBefore() {
    begun(new Request(backend.here));
    ConnectionRequest waiting = begun(caller);

    waiting.tick(SteadyClock.nanoTime());
    assertThat(caller.failures).isEmpty();

    waiting.tick(afterTheQueueTimeout());
    assertThat(caller.failures).containsExactly(Failure.QUEUE_TIMEOUT);
  }

  @Test
  void queueTimeoutIsOverOnceAConnectionIsOnItsWay() {
    ConnectionRequest request = begun(caller);

    request.tick(afterTheQueueTimeout());

    assertThat(caller.failures).isEmpty();
    backend.connects();
    assertThat(caller.connections).hasSize(1);
  }

  @Test
  void connectionForARequestThatHasLeftServesTheNext() {
    ConnectionRequest left = begun(new Request(backend.here));
    begun(caller);

    left.leave();
    backend.connects();

    assertThat(caller.connections).hasSize(1);
    assertThat(backend.dials).as("it is the same connection").isEmpty();
  }

  @Test
  void connectionThatACallerFailsToTakeIsClosed() {
    begun(caller.failing());

    Wire wire = backend.connects();

    assertThat(wire.isOpen()).isFalse();
    assertThat(backend.pool.isUnused()).isTrue();
  }

  @Test
  void heldRequestThatLeavesIsNotSentWhenTheBackendIsBack() {
    healthy = false;
    ConnectionRequest held = begun(caller);
    healthy = true;
    environment.holdQueue().releaseAll();

    held.leave();
    held.released();
    backend.runTasks();

    assertThat(backend.dials).isEmpty();
    assertThat(caller.connections).isEmpty();
    assertThat(caller.failures).isEmpty();
  }

  @Test
  void requestIsRetriedOnceForAnExpiredConnectionAndOnceForABrokenOne() throws IOException {
    ConnectionRequest request = begun(caller);
    backend.connects();
    UpstreamConnection used = caller.connections.get(0);
    used.becomeIdle();
    healthy = false;

    used.close();
    assertThat(request.retry(used)).as("it may have expired").isTrue();
    assertThat(backend.dials).hasSize(1);
    backend.connects().close();
    assertThat(request.retry(used)).as("the backend may be stopping").isTrue();
    assertThat(backend.dials).as("it is held").isEmpty();
    assertThat(request.retry(used)).isFalse();
  }
}
