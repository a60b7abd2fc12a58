package dev.holdfast.sessions;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.LastKnown;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.Admission;
import dev.holdfast.engineio.SeededSecrets;
import dev.holdfast.forwarding.Identity;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Resource;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.time.ManualTimers;
import dev.holdfast.upstream.NodeNetwork;
import dev.holdfast.upstream.RelinkScheduler;
import dev.holdfast.upstream.UpstreamFixture;
import dev.holdfast.wire.WebSocketConnector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** What the sessions of a node share, where nobody connects to anything. */
final class SharedFixture {
  private SharedFixture() {}

  /** That of a node with the upstream {@code webui}. */
  static SessionService.Shared of(Cluster cluster) {
    return of(cluster, new UpstreamFixture(List.of("webui"), SharedFixture::nowhere));
  }

  /** That of a node with these upstreams. */
  static SessionService.Shared of(Cluster cluster, UpstreamFixture upstreams) {
    Settings settings = Settings.of(Map.of());
    ManualTimers timers = new ManualTimers();
    Metrics metrics = new Metrics();
    Quotas quotas = TestQuotas.plenty();
    return new SessionService.Shared(
        settings,
        upstreams.upstreams(),
        new Identity(settings),
        new Admission(1_000, Optional.empty(), quotas, address -> 0),
        new UserUpstreams(cluster.sessions().remoteSessions()),
        new SessionRegistry(
            new ParkedLimit(
                settings.get(ResumeKeys.PARKED_PER_USER), metrics.resume(), timers::nanoTime),
            quotas.pool(Resource.PARKED_SESSIONS, 1_000)),
        new NonResumingClients(settings, metrics.resume(), timers::nanoTime),
        new RelinkScheduler(
            upstreams.upstreams(), settings, cluster.rateLimit(), timers, new SplittableRandom(1)),
        RelinkScheduler.fenced(
            upstreams.upstreams(), settings, cluster.rateLimit(), timers, new SplittableRandom(1)),
        cluster,
        SeededSecrets.of(cluster.peers().self().prefix(), 1),
        new SharedDocuments(new SplittableRandom(1)),
        new BufferPool(0),
        new BufferPool(0),
        quotas,
        metrics,
        new NodeNetwork(
            cluster.peers(),
            new LastKnown(timers, Duration.ofMinutes(1), Duration.ofMinutes(1)),
            (place, client, path) -> nowhere(path)));
  }

  /** Opens no links to anything. */
  static WebSocketConnector nowhere(String target) {
    return (loop, limit, outcome) -> {
      throw new AssertionError("nobody connects");
    };
  }
}
