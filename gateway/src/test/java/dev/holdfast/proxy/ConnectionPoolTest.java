package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.proxy.PoolFixture.Request;
import dev.holdfast.proxy.PoolFixture.Wire;
import org.junit.jupiter.api.Test;

class ConnectionPoolTest {
  private final PoolFixture backend = new PoolFixture("proxy.connections=1", "proxy.queue=5");
  private final ConnectionPool pool = backend.pool;

  private UpstreamConnection acquired() {
    Request first = new Request(backend.here);
    pool.acquire(first, false);
    backend.connects();
    return first.connections.get(0);
  }

  @Test
  void connectionIsUsedAgainOnItsThread() {
    UpstreamConnection used = acquired();
    used.release(true);
    Request next = new Request(backend.here);

    pool.acquire(next, false);

    assertThat(next.connections).containsExactly(used);
    assertThat(used.reused()).isTrue();
    assertThat(backend.dials).isEmpty();
  }

  @Test
  void idleConnectionMakesRoomForOneOnAnotherThread() {
    UpstreamConnection idle = acquired();
    idle.release(true);
    Request next = new Request(backend.elsewhere);

    pool.acquire(next, false);
    assertThat(backend.dials).as("there is no room yet").isEmpty();
    backend.runTasks();

    assertThat(idle.isOpen()).isFalse();
    assertThat(backend.dials).hasSize(1);
    backend.connects();
    assertThat(next.connections).hasSize(1);
  }

  @Test
  void connectionThatHasEndedIsNotLentToWhoWaits() {
    UpstreamConnection used = acquired();
    Request next = new Request(backend.here);
    pool.acquire(next, false);
    assertThat(backend.dials).isEmpty();

    Wire ended = (Wire) used.channel();
    ended.ends();
    used.release(true);
    backend.runTasks();

    assertThat(ended.isOpen()).isFalse();
    assertThat(next.connections).isEmpty();
    backend.connects();
    assertThat(next.connections).hasSize(1).doesNotContain(used);
  }

  @Test
  void connectionThatWasClosedIsNotLent() {
    UpstreamConnection used = acquired();
    used.release(true);
    used.close();
    Request next = new Request(backend.here);

    pool.acquire(next, false);

    assertThat(next.connections).isEmpty();
    assertThat(backend.dials).hasSize(1);
  }

  @Test
  void connectionThatCannotBeLentFreesItsPlaceOnce() {
    Request first = new Request(backend.here).failing();
    pool.acquire(first, false);
    Wire wire = new Wire(backend.here.thread());
    var dial = backend.dials.removeFirst();

    assertThatThrownBy(() -> dial.connected(wire)).hasMessage("a fault of the request");
    dial.failed(PoolFixture.NOBODY);

    assertThat(wire.isOpen()).isFalse();
    assertThat(first.failures).containsExactly(Failure.UNREACHABLE);
    assertThat(pool.isUnused()).isTrue();
    pool.acquire(new Request(backend.here), false);
    pool.acquire(new Request(backend.here), false);
    assertThat(backend.dials).as("the limit holds").hasSize(1);
  }

  @Test
  void poolIsUnusedWithoutConnectionsAndWithoutAQueue() {
    assertThat(pool.isUnused()).isTrue();

    UpstreamConnection used = acquired();
    assertThat(pool.isUnused()).isFalse();

    used.release(true);
    assertThat(pool.isUnused()).as("it may be used again").isFalse();

    used.close();
    assertThat(pool.isUnused()).isTrue();
  }
}
