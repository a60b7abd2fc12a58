package dev.holdfast.simulation;

import dev.holdfast.protocol.Announced;
import dev.holdfast.wire.WebSocketConnector;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An Open WebUI instance, as far as its sockets go. */
final class SimulatedUpstream {
  static final Announced ANNOUNCED =
      new Announced(Duration.ofSeconds(10), Duration.ofSeconds(8), 64 * 1024);

  private final Site site;
  private final String name;
  private final Set<UpstreamLink> links = new LinkedHashSet<>();
  private final Documents documents;
  private SimulatedLoop loop;
  private boolean up = true;
  private int starts;

  SimulatedUpstream(Site site, String name, Documents.Support support) {
    this.site = site;
    this.name = name;
    this.loop = new SimulatedLoop(site.world(), name);
    this.documents = new Documents(site, this, support);
  }

  Documents documents() {
    return documents;
  }

  String name() {
    return name;
  }

  boolean isUp() {
    return up;
  }

  SimulatedLoop loop() {
    return loop;
  }

  /** Opens links from a node. */
  WebSocketConnector connector(SimulatedNode node) {
    return (from, limit, outcome) -> {
      site.world().injector().at(Injector.Place.DIAL);
      Dial dial = new Dial((SimulatedLoop) from, outcome, node);
      dial.start(limit);
      return dial;
    };
  }

  /** Its process ends. */
  void kill() {
    up = false;
    loop.kill();
    site.network().killed(List.of(loop));
    List.copyOf(links).forEach(this::closed);
  }

  void start() {
    up = true;
    starts++;
    loop = new SimulatedLoop(site.world(), name + "." + starts);
  }

  /** Sends a packet to all links in a page's room, and says to which. */
  void emit(Page page, Emission emission) {
    if (up) {
      loop.execute(
          () ->
              List.copyOf(links).stream()
                  .filter(link -> link.isOf(page))
                  .forEach(link -> emission.over(link, link.send(emission.frames()))));
    }
  }

  /** The links of a page. */
  List<UpstreamLink> linksOf(Page page) {
    return links.stream().filter(link -> link.isOf(page)).toList();
  }

  /** A link is gone. */
  void closed(UpstreamLink link) {
    link.lost();
    links.remove(link);
    documents.closed(link);
  }

  private final class Dial implements WebSocketConnector.Attempt {
    private final SimulatedLoop from;
    private final WebSocketConnector.Outcome outcome;
    private final SimulatedNode node;
    private Network.@Nullable Cable cable;
    private boolean over;

    Dial(SimulatedLoop from, WebSocketConnector.Outcome outcome, SimulatedNode node) {
      this.from = from;
      this.outcome = outcome;
      this.node = node;
    }

    void start(Duration limit) {
      from.after(limit, () -> fail("timeout"));
      site.world().after(site.nodeLatency(), this::arrive);
    }

    private void arrive() {
      if (over) {
        return;
      }
      if (!up) {
        later(() -> fail("unreachable"));
        return;
      }
      SimulatedLoop serving = loop;
      serving.execute(
          () -> {
            Network.Cable opened =
                site.network().connect(from, serving, site.nodeLatency(), site.window());
            cable = opened;
            UpstreamLink link = new UpstreamLink(site, SimulatedUpstream.this, node, opened);
            links.add(link);
            link.start();
            later(() -> upgraded(opened));
          });
    }

    private void upgraded(Network.Cable opened) {
      if (over) {
        opened.near().close();
      } else {
        over = true;
        outcome.upgraded(opened.near(), ByteBuffer.allocate(0));
      }
    }

    private void later(Runnable action) {
      site.world().after(site.nodeLatency(), () -> from.execute(action));
    }

    private void fail(String reason) {
      if (!over) {
        over = true;
        outcome.failed(reason, "simulated", !reason.equals("timeout"));
      }
    }

    @Override
    public boolean wasConnected() {
      return cable != null;
    }

    @Override
    public void cancel() {
      over = true;
      if (cable != null) {
        cable.near().close();
      }
      site.world().injector().at(Injector.Place.CANCEL);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
