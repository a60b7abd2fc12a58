package dev.holdfast.simulation;

import dev.holdfast.http1.ForwardedClient;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.wire.WebSocketConnector;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One node's attempt to open a WebSocket to another. */
final class NodeDial implements WebSocketConnector.Attempt, SimulatedExchange.Answer {
  private final Site site;
  private final SimulatedLoop loop;
  private final WebSocketConnector.Outcome outcome;
  private Network.@Nullable Cable cable;
  private boolean connected;
  private boolean over;

  NodeDial(Site site, SimulatedLoop loop, WebSocketConnector.Outcome outcome) {
    this.site = site;
    this.loop = loop;
    this.outcome = outcome;
  }

  void start(String host, ForwardedClient client, Duration limit) {
    loop.after(limit, () -> fail("timeout", "no answer in time", false));
    site.world().after(site.nodeLatency(), () -> arrive(host, client));
  }

  private void arrive(String host, ForwardedClient client) {
    SimulatedNode other = site.node(host);
    if (over) {
      return;
    }
    if (other == null || other.isDown()) {
      later(() -> fail("unreachable", "nobody listens", true));
    } else if (other.isStalled()) {
      // The kernel accepts it, nobody answers.
      connected = true;
      site.world().after(Duration.ofMillis(50), () -> arrive(host, client));
    } else {
      connected = true;
      other.handle(
          new SimulatedExchange.Asked(true, "", Optional.empty(), null),
          new SimulatedExchange.Asker(client, SimulatedExchange.Agent.BROWSER, true),
          this);
    }
  }

  private void later(Runnable action) {
    site.world().after(site.nodeLatency(), () -> loop.execute(action));
  }

  private void fail(String reason, String sentence, boolean refused) {
    if (!over) {
      over = true;
      outcome.failed(reason, sentence, refused);
    }
  }

  @Override
  public boolean wasConnected() {
    return connected;
  }

  @Override
  public void cancel() {
    over = true;
    if (cable != null) {
      cable.near().close();
    }
    site.world().injector().at(Injector.Place.CANCEL);
  }

  @Override
  public void payload(byte[] payload) {
    throw new Violation("an upgrade was answered with a payload");
  }

  @Override
  public void refused(EngineError error) {
    later(() -> fail("refused", error.message(), error != EngineError.UNAVAILABLE));
  }

  @Override
  public SimulatedConnection upgraded(SimulatedLoop far) {
    Network.Cable opened = site.network().connect(loop, far, site.nodeLatency(), site.window());
    cable = opened;
    later(
        () -> {
          if (over) {
            opened.near().close();
          } else {
            over = true;
            outcome.upgraded(opened.near(), ByteBuffer.allocate(0));
          }
        });
    return opened.far();
  }
}
