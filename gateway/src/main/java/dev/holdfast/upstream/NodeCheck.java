package dev.holdfast.upstream;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Reachability;
import dev.holdfast.config.Settings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/**
 * Checks once whether nodes accept connections at their registered addresses; blocks. Stateless.
 */
public final class NodeCheck {
  private NodeCheck() {}

  /** Returns one finding per node, in the order given, named after it. */
  public static List<Finding> run(List<Member> nodes, Settings settings) throws IOException {
    XnioWorker worker =
        Xnio.getInstance(NodeCheck.class.getClassLoader())
            .createWorker(
                OptionMap.builder()
                    .set(Options.WORKER_IO_THREADS, 1)
                    .set(Options.THREAD_DAEMON, true)
                    .getMap());
    try (NodeDialer dialer = NodeDialer.of(settings, worker, () -> {})) {
      return run(nodes, dialer.trial(worker.getIoThread()));
    } finally {
      worker.shutdownNow();
    }
  }

  private static List<Finding> run(List<Member> nodes, Reachability.Trial trial) {
    List<CompletableFuture<Optional<String>>> dialled = new ArrayList<>();
    for (Member node : nodes) {
      CompletableFuture<Optional<String>> problem = new CompletableFuture<>();
      trial.connect(node.address(), problem::complete);
      dialled.add(problem);
    }
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Member node = nodes.get(i);
      findings.add(finding(node, dialled.get(i).join().or(() -> taken(node, nodes))));
    }
    return findings;
  }

  /**
   * Reports a duplicate address: if two nodes register it, one of them receives the connections of
   * both.
   */
  private static Optional<String> taken(Member node, List<Member> nodes) {
    return nodes.stream()
        .filter(other -> !other.id().equals(node.id()))
        .filter(other -> other.address().equals(node.address()))
        .map(other -> Reachability.taken(other.id()))
        .findFirst();
  }

  private static Finding finding(Member node, Optional<String> problem) {
    InetSocketAddress address = node.address();
    return new Finding(
        node.id().value(),
        problem.isEmpty(),
        problem
            .map(it -> new Reachability.Unreached(node.id(), address, it).sentence())
            .orElse("accepts connections at " + Member.hostAndPort(address)));
  }
}
