package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import dev.holdfast.engineio.ManualPeer;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.RecordingListener;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a link of a session reports, and to whom. */
class UpstreamLinkTest {
  private final ManualPeer peer = new ManualPeer();
  private final Upstream upstream = UpstreamFixture.upstream("webui", host -> peer);
  private final Metrics metrics = new Metrics();
  private final List<String> heard = new ArrayList<>();

  @BeforeEach
  void listen() {
    upstream.onDialFailed(() -> heard.add("dial failed"));
  }

  private EngineConnection dial() {
    EngineConnection link =
        UpstreamLink.dial(
            upstream,
            UpstreamFixture.linkRequest(),
            UpstreamLink.options(Settings.defaults(), new BufferPool(1 << 20), metrics),
            metrics,
            peer.loop(),
            new RecordingListener(heard));
    peer.run();
    return link;
  }

  private double openLinks() {
    return metrics.registry().scrape("holdfast_links"::equals).stream()
        .flatMap(snapshot -> ((GaugeSnapshot) snapshot).getDataPoints().stream())
        .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
        .sum();
  }

  @Test
  void openLinkIsCountedAndProvesTheUpstream() {
    dial();
    peer.upgrade();
    assertThat(openLinks()).isZero();

    peer.say(ManualPeer.OPEN);

    assertThat(heard).containsExactly("writable", "batch end");
    assertThat(openLinks()).isEqualTo(1);
    assertThat(upstream.takeLinked()).isTrue();
  }

  @Test
  void linkThatTheSessionClosesIsNotCounted() {
    EngineConnection link = dial();
    peer.upgrade();
    peer.say(ManualPeer.OPEN);
    heard.clear();

    link.close(CloseReason.CLIENT_LOST);

    assertThat(openLinks()).isZero();
    assertThat(heard).isEmpty();
  }

  @Test
  void sessionHearsWhyItsLinkEnded() {
    dial();
    peer.upgrade();
    peer.say(ManualPeer.OPEN);
    heard.clear();

    peer.close(1009, "");

    assertThat(heard).containsExactly("batch end", "closed upstream-blamed");
    assertThat(openLinks()).isZero();
  }

  @Test
  void upstreamWhoseFirstPacketIsNoOpenPacketIsUnavailable() {
    dial();
    peer.upgrade();

    peer.say("42[1]");

    assertThat(heard).containsExactly("closed upstream-unavailable");
    assertThat(openLinks()).isZero();
    assertThat(upstream.takeLinked()).isFalse();
  }

  @Test
  void faultBeforeTheOpenPacketIsNotTheUpstreams() {
    dial();
    peer.failAt(ManualPeer.Fault.LISTEN);

    peer.upgrade();

    assertThat(heard).containsExactly("closed internal");
  }

  @Test
  void handshakeThatFailsAsksForAHealthCheck() {
    dial();

    peer.fail(false, true);

    assertThat(heard).containsExactly("dial failed", "closed upstream-unavailable");
  }
}
