package dev.holdfast;

import dev.holdfast.edge.Sockets;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.Residents;
import dev.holdfast.proxy.NodeProxy;
import dev.holdfast.proxy.Proxy;
import dev.holdfast.time.Deadline;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stop without haste, bounded in time. Runs on the caller's thread. */
final class Drain implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  /** Between two closes, unless there are so many that half the time would not do. */
  private static final Duration PACE = Duration.ofMillis(5);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private final Duration timeout;
  private final Admission admission;
  private final Sockets sockets;
  private final Residents residents;
  private final Proxy proxy;
  private final NodeProxy nodes;

  Drain(
      Duration timeout,
      Admission admission,
      Sockets sockets,
      Residents residents,
      Proxy proxy,
      NodeProxy nodes) {
    this.timeout = timeout;
    this.admission = admission;
    this.sockets = sockets;
    this.residents = residents;
    this.proxy = proxy;
    this.nodes = nodes;
  }

  @Override
  public void run() {
    Deadline deadline = Deadline.in(timeout);
    admission.drain();
    LOG.info("stopping: {} sessions and {} requests are open", sockets.size(), requests());
    try {
      closeSockets(deadline);
      residents.drain();
      proxy.drain();
      nodes.drain();
      while (requests() > 0 && !deadline.isOver()) {
        deadline.pause(LOOK_AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.info("stopped: {} sessions and {} requests were cut", sockets.size(), requests());
  }

  private int requests() {
    return proxy.active() + nodes.active();
  }

  private void closeSockets(Deadline deadline) throws InterruptedException {
    Duration half = timeout.dividedBy(2);
    Duration paced = PACE.multipliedBy(sockets.size());
    try {
      sockets
          .drain(paced.compareTo(half) < 0 ? paced : half)
          .get(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("{} sessions did not end in drain.timeout", sockets.size());
    }
  }
}
