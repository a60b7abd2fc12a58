package dev.holdfast.edge;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.Settings;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.ParkedLimit;
import dev.holdfast.hub.Residents;
import dev.holdfast.hub.Users;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.time.ManualTimers;
import dev.holdfast.upstream.Identity;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.Relinks;
import dev.holdfast.upstream.UpstreamFixture;
import dev.holdfast.wire.WebSocketConnector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** What the sessions of a node share, where nobody connects to anything. */
final class SharedFixture {
  private SharedFixture() {}

  /** That of a node with the upstream {@code webui}. */
  static SocketSessions.Shared of(Cluster cluster) {
    Settings settings = Settings.of(Map.of());
    Settings.Limits limits = settings.limits();
    ManualTimers timers = new ManualTimers();
    Metrics metrics = new Metrics();
    UpstreamFixture upstreams = new UpstreamFixture(List.of("webui"), host -> nowhere());
    NodeId self = cluster.peers().self();
    return new SocketSessions.Shared(
        settings,
        upstreams.upstreams(),
        new Identity(settings.auth()),
        new Admission(
            limits.connections(), limits.connectionsPerAddress(), cluster.sessions().elsewhere()),
        new Users(cluster.sessions().elsewhere()),
        new Residents(
            new ParkedLimit(settings.resume().parkedPerUser(), metrics.resume(), timers::nanoTime)),
        new Relinks(
            upstreams.upstreams(),
            settings.relink(),
            cluster.budget(),
            timers,
            new SplittableRandom(1)),
        Relinks.ofFencedMoves(
            upstreams.upstreams(),
            settings.relink(),
            cluster.budget(),
            timers,
            new SplittableRandom(1)),
        cluster,
        SeededSecrets.of(self, 1),
        new SharedDocuments(new SplittableRandom(1)),
        new BufferPool(0),
        new BufferPool(0),
        TestQuotas.plenty(),
        metrics,
        new NodeNetwork(
            cluster.peers(),
            new LastKnown(timers, Duration.ofMinutes(1), Duration.ofMinutes(1)),
            (place, client, path) -> nowhere()));
  }

  private static WebSocketConnector nowhere() {
    return (loop, limit, outcome) -> {
      throw new AssertionError("nobody connects");
    };
  }
}
