package dev.holdfast.upstream;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.RecordingListener;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A link to an upstream that a test operates, and what its session hears. */
abstract class UpstreamLinkFixture {
  static final int MEMORY = 1 << 20;
  static final int MAX_MESSAGE = 1000;
  static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  final ManualPeer peer = new ManualPeer();
  final Upstream upstream = UpstreamFixture.upstream("webui", host -> peer);
  final Metrics metrics = new Metrics();
  final Heard heard = new Heard();

  static final class Heard extends RecordingListener {
    final List<String> events;
    boolean faulty;

    Heard() {
      this(new ArrayList<>());
    }

    private Heard(List<String> events) {
      super(events);
      this.events = events;
    }

    @Override
    public void acknowledged(long bytes) {
      throw new AssertionError("an upstream acknowledges nothing");
    }

    @Override
    public void closed(CloseReason reason) {
      events.add("closed " + reason);
      if (faulty) {
        throw new IllegalStateException("a fault of the session");
      }
    }
  }

  UpstreamLink begin(long memory, Optional<Duration> silentTimeout) {
    return UpstreamLink.dial(
        upstream,
        UpstreamFixture.linkRequest(),
        new UpstreamLink.Limits(
            new BufferPool(memory), MAX_MESSAGE, HANDSHAKE_TIMEOUT, silentTimeout),
        metrics,
        peer.loop(),
        heard);
  }

  UpstreamLink dial(long memory, Optional<Duration> silentTimeout) {
    UpstreamLink link = begin(memory, silentTimeout);
    peer.run();
    return link;
  }

  UpstreamLink dial() {
    return dial(MEMORY, Optional.empty());
  }

  /** A link whose open packet has arrived. */
  UpstreamLink open() {
    UpstreamLink link = dial();
    peer.upgrade();
    peer.say(ManualPeer.OPEN);
    heard.events.clear();
    return link;
  }

  double openLinks() {
    return metrics.registry().scrape("holdfast_links"::equals).stream()
        .flatMap(snapshot -> ((GaugeSnapshot) snapshot).getDataPoints().stream())
        .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
        .sum();
  }

  static ByteBuffer frame() {
    return ByteBuffer.wrap(TextFrame.masked("42[\"hello\"]"));
  }
}
