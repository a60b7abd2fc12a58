package dev.holdfast;

import dev.holdfast.admin.ThisNode;
import dev.holdfast.time.ErrorBoundary;
import java.util.concurrent.atomic.AtomicBoolean;

/** Executes operators' commands on this node, on its own threads. Thread-safe. */
final class OperatorCommands implements ThisNode.Operations {
  private final Runnable drain;
  private final UpstreamDrains upstreams;
  private final AtomicBoolean vacating = new AtomicBoolean();
  private final ErrorBoundary boundary =
      ErrorBoundary.lasting("a drain requested by an operator", () -> vacating.set(false));

  /**
   * Creates an executor of commands.
   *
   * @param drain drains the node; blocks
   */
  OperatorCommands(Runnable drain, UpstreamDrains upstreams) {
    this.drain = drain;
    this.upstreams = upstreams;
  }

  @Override
  public void drain() {
    if (!vacating.getAndSet(true)) {
      Thread thread = new Thread(boundary.guard(drain), "drain");
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public void drainUpstream(String name) {
    var unused = upstreams.drain(name);
  }

  @Override
  public void undrainUpstream(String name) {
    upstreams.undrain(name);
  }
}
