package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.proxy.PoolFixture.Wire;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpstreamConnectionTest {
  private final PoolFixture backend = new PoolFixture();
  private final Quotas.Pool uses = TestQuotas.plenty().pool(Resource.BACKEND_CONNECTIONS, 10);
  private final UpstreamConnection connection =
      new UpstreamConnection(new Wire(backend.here.thread()), backend.pool, backend.here);
  private final List<String> cut = new ArrayList<>();

  @BeforeEach
  void assign() {
    connection.assignedTo(uses.take(Peer.ofUser("greedy"), 8).orElseThrow());
  }

  private void becomesScarce() {
    assertThat(uses.take(Peer.exempt(), 2)).isPresent();
  }

  @Test
  void useThatMayBeCutEndsInAShortage() {
    becomesScarce();

    connection.mayBeCut(true, () -> cut.add("cut"));
    assertThat(cut).as("only on its thread").isEmpty();
    backend.runTasks();

    assertThat(cut).containsExactly("cut");
  }

  @Test
  void cutThatComesAfterTheEndOfItsUseDoesNothing() {
    becomesScarce();
    connection.mayBeCut(true, () -> cut.add("cut"));

    connection.becomeIdle();
    connection.assignedTo(uses.take(Peer.ofUser("another"), 1).orElseThrow());
    backend.runTasks();

    assertThat(cut).isEmpty();
  }

  @Test
  void useThatMayNotBeCutAnyMoreIsKept() {
    connection.mayBeCut(true, () -> cut.add("cut"));
    connection.mayBeCut(false, () -> {});

    assertThat(uses.take(Peer.exempt(), 1)).isPresent();
    assertThat(uses.take(Peer.exempt(), 1)).isPresent();
    backend.runTasks();

    assertThat(cut).isEmpty();
  }

  @Test
  void useIsMarkedOnce() {
    connection.mayBeCut(true, () -> cut.add("first"));
    connection.mayBeCut(true, () -> cut.add("second"));

    becomesScarce();
    backend.runTasks();

    assertThat(cut).containsExactly("first");
  }

  @Test
  void markOfAConnectionThatNobodyUsesDoesNotConcernTheNextUse() {
    connection.becomeIdle();
    connection.mayBeCut(true, () -> cut.add("nobody's"));
    assign();

    connection.mayBeCut(true, () -> cut.add("next"));
    becomesScarce();
    backend.runTasks();

    assertThat(cut).containsExactly("next");
  }
}
