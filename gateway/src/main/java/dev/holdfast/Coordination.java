package dev.holdfast;

import dev.holdfast.admin.Readiness;
import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.Reachability;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.RedisKeys;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.redis.RedisCluster;
import dev.holdfast.time.Timers;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects this node to the others: through Redis if configured, otherwise there are none.
 * Thread-safe.
 */
record Coordination(Cluster cluster, List<Readiness> readiness) implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Coordination.class);

  /**
   * Starts to look for other nodes, unless a cluster is given. This node becomes a member when it
   * has joined.
   *
   * @throws IOException if a file for TLS to Redis cannot be used
   */
  static Coordination start(Settings settings, Optional<Cluster> given, Metrics metrics)
      throws IOException {
    if (given.isPresent()) {
      return among(given.get(), List.of(), metrics);
    }
    NodeId self = settings.get(NodeKeys.ID).map(NodeId::new).orElseGet(NodeId::random);
    if (settings.redis().url().isEmpty()) {
      return among(LocalCluster.alone(self), List.of(), metrics);
    }
    RedisCluster cluster = RedisCluster.start(settings, self, new RedisMetrics(metrics.registry()));
    boolean required = settings.get(RedisKeys.REQUIRED);
    return among(cluster, List.of(new RedisReady(cluster, required)), metrics);
  }

  private static Coordination among(Cluster cluster, List<Readiness> readiness, Metrics metrics) {
    NodeId self = cluster.peers().self();
    cluster.nodes().onChange(new Changes(self));
    metrics.nodes(() -> Math.max(1, cluster.nodes().all().size()));
    return new Coordination(cluster, readiness);
  }

  /** Starts to remember the nodes that leave. */
  LastKnown lastKnown(Settings settings, Timers clock) {
    LastKnown known =
        new LastKnown(clock, settings.get(ResumeKeys.WINDOW), settings.get(NodeKeys.GIVE_UP));
    cluster.nodes().onChange(known);
    return known;
  }

  /** Starts to test whether nodes that join can be reached. */
  Reachability reachability(Timers clock, Reachability.Trial trial, Metrics metrics) {
    NodeId self = cluster.peers().self();
    Reachability tested = new Reachability(self, clock, trial, new SplittableRandom());
    cluster.nodes().onChange(tested);
    metrics.unreachedNodes(() -> tested.unreached().size());
    return tested;
  }

  /** Joins the cluster with the address that this node listens on. */
  void join(Settings settings, InetSocketAddress listening) throws IOException {
    cluster.join(
        settings.get(NodeKeys.ADVERTISE).map(HostPort::unresolved).orElse(reachable(listening)));
  }

  /** Returns an address that it listens on, or the machine's first one if it listens on all. */
  private static InetSocketAddress reachable(InetSocketAddress listening) throws IOException {
    InetAddress address = listening.getAddress();
    InetAddress chosen = address == null || address.isAnyLocalAddress() ? ofMachine() : address;
    return InetSocketAddress.createUnresolved(chosen.getHostAddress(), listening.getPort());
  }

  private static InetAddress ofMachine() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(each -> !each.isLoopbackAddress() && !each.isLinkLocalAddress())
        .min(Comparator.comparingInt(each -> each.getAddress().length))
        .orElseGet(InetAddress::getLoopbackAddress);
  }

  @Override
  public void close() {
    cluster.close();
  }

  /** Logs nodes that join and leave. */
  private record Changes(NodeId self) implements Nodes.Listener {
    @Override
    public void joined(Member node) {
      HostPort address = new HostPort(node.address().getHostString(), node.address().getPort());
      if (node.id().equals(self)) {
        LOG.info("this node is {}; other nodes reach it at {}", node.id(), address);
      } else {
        LOG.info("node {} is there, at {}", node.id(), address);
      }
    }

    @Override
    public void left(Member node) {
      if (!node.id().equals(self)) {
        LOG.info("node {} is gone", node.id());
      }
    }
  }

  /** Sessions do not need Redis, so its absence affects readiness only if it is required. */
  private record RedisReady(RedisCluster cluster, boolean required) implements Readiness {
    @Override
    public String name() {
      return "redis";
    }

    @Override
    public Optional<String> problem() {
      return required ? cluster.problem() : Optional.empty();
    }

    @Override
    public Optional<String> state() {
      return Optional.of(cluster.problem().isEmpty() ? "ok" : "degraded");
    }
  }
}
