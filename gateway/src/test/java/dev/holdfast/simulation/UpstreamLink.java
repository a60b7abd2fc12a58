package dev.holdfast.simulation;

import dev.holdfast.config.LimitKeys;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.wire.WebSocket;
import dev.holdfast.wire.WebSocketClosed;
import dev.holdfast.wire.WebSocketListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The upstream's end of one link: python-socketio's part of the conversation. */
final class UpstreamLink implements WebSocketListener {
  private static final BufferPool POOL = new BufferPool(1L << 30);

  private static final Duration SILENCE =
      SimulatedUpstream.ANNOUNCED.pingInterval().plus(SimulatedUpstream.ANNOUNCED.pingTimeout());

  private static final Duration MOST_THOUGHT = Duration.ofMillis(15);

  private final Site site;
  private final SimulatedUpstream upstream;
  private final SimulatedNode node;
  private final Network.Cable cable;
  private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
  private final Map<Integer, Integer> openCalls = new HashMap<>();
  private @Nullable WebSocket socket;
  private @Nullable Page page;
  private String sid = "";
  private String token = "";
  private long queued;
  private long readAtClose = Long.MAX_VALUE;
  private int calls;
  private int missing;
  private final List<String> probes = new ArrayList<>();
  private boolean connecting;
  private long since;
  private boolean lost;
  private boolean givenBack;

  UpstreamLink(Site site, SimulatedUpstream upstream, SimulatedNode node, Network.Cable cable) {
    this.site = site;
    this.upstream = upstream;
    this.node = node;
    this.cable = cable;
    cable.down().remembers(SILENCE);
    cable.up().tap(new FrameTap(true, this::writtenByNode, this::closedByNode));
  }

  void start() {
    WebSocket.open(
        cable.far(),
        WebSocket.Role.SERVER,
        new WebSocket.Limits(POOL, 1 << 24, (frames, bytes) -> {}),
        opened -> {
          socket = opened;
          return this;
        });
    say(
        "0{\"sid\":\"e%d\",\"upgrades\":[],\"pingInterval\":%d,\"pingTimeout\":%d,\"maxPayload\":%d}"
            .formatted(
                site.world().now(),
                SimulatedUpstream.ANNOUNCED.pingInterval().toMillis(),
                SimulatedUpstream.ANNOUNCED.pingTimeout().toMillis(),
                SimulatedUpstream.ANNOUNCED.maxPayload()));
    if (socket != null) {
      socket.start(ByteBuffer.allocate(0));
    }
    ping();
  }

  private void ping() {
    upstream
        .loop()
        .after(
            SimulatedUpstream.ANNOUNCED.pingInterval(),
            () -> {
              if (!lost) {
                say("2");
                ping();
              }
            });
  }

  boolean isOf(Page asked) {
    return asked.equals(page);
  }

  String sid() {
    return sid;
  }

  /** Since when its client is connected. */
  long since() {
    return since;
  }

  /** Whether the node has read so many bytes, before it closed the link, and still lives. */
  boolean hasTaken(long bytes) {
    return !node.wasKilled() && Math.min(cable.down().read(), readAtClose) >= bytes;
  }

  /** Whether its node is gone, or has closed it, though the upstream may not know that yet. */
  boolean isCut() {
    return node.isDown() || cable.near().isClosed();
  }

  Network.Cable cable() {
    return cable;
  }

  /** Sends a packet of its own. */
  void say(String packet) {
    send(List.of(TextFrame.of(packet)));
  }

  /** Sends frames, at once or later; says where in all that was sent they end. */
  long send(List<byte[]> frames) {
    trace("sends " + frames.size() + " frames");
    for (byte[] frame : frames) {
      queue.add(frame);
      queued += frame.length;
    }
    writable();
    return queued;
  }

  /** Asks the client something. */
  void call(int number) {
    int id = calls++;
    openCalls.put(id, number);
    send(List.of(TextFrame.of("42" + id + "[\"call\",{\"n\":" + number + "}]")));
  }

  /** Whether somebody has taken a call that nobody has answered. */
  boolean hasOpenCalls() {
    return !lost && !openCalls.isEmpty();
  }

  @Override
  public void writable() {
    WebSocket to = socket;
    while (to != null && !queue.isEmpty() && to.send(ByteBuffer.wrap(queue.peek()))) {
      queue.remove();
    }
  }

  private void trace(String what) {
    site.world().trace().say(site.world().now(), upstream.name(), node + " " + sid + " " + what);
  }

  private void writtenByNode(String packet) {
    trace("is written " + packet.substring(0, Math.min(60, packet.length())));
    if (packet.startsWith("40{")) {
      token = packet.replaceFirst(".*\"token\":\"([^\"]*)\".*", "$1");
    }
    int number = Numbers.after(packet, "\"t\":");
    if (number >= 0) {
      site.page(token).transmitted(number, sid, node);
    }
  }

  private void closedByNode(String reason) {
    trace("is closed by the node");
    givenBack = node.isDraining();
    // It has given a silent one up before, and its frame has waited behind what nobody read.
    givenUpAt(reason.startsWith("silent") ? cable.down().readBeforeSilence() : cable.down().read());
  }

  /** Its node has a fault: what it reads from now on goes nowhere. */
  void failed() {
    givenUpAt(cable.down().read());
  }

  private void givenUpAt(long read) {
    readAtClose = Math.min(readAtClose, read);
  }

  @Override
  public void message(Message message) {
    if (!message.text()) {
      Violation.unless(missing-- > 0, "an attachment came without its packet");
      return;
    }
    String packet = new String(message.bytes(0), StandardCharsets.UTF_8);
    // An upstream's PONG may stand between a packet and its attachments.
    Violation.unless(missing == 0 || !packet.startsWith("4"), "a packet came without attachments");
    missing = packet.startsWith("451-") || packet.startsWith("461-") ? 1 : missing;
    int number = Numbers.after(packet, "\"t\":");
    if (number >= 0) {
      site.page(token).received(number, this);
    }
    if (packet.startsWith("40/")) {
      probed("44" + packet.substring(2) + "\"Unable to connect\"");
    } else if (packet.startsWith("40")) {
      connect();
    } else if (packet.startsWith("43")) {
      answered(packet);
    } else if (packet.contains("[\"ydoc:")) {
      upstream.documents().asked(this, packet);
    } else if (packet.startsWith("42") || packet.startsWith("45")) {
      String id = packet.substring(2, packet.indexOf('[')).replaceFirst("^[0-9]+-", "");
      if (!id.isEmpty()) {
        say("43" + id + "[\"ok\"]");
      }
    }
  }

  /** It is answered in its turn, behind a CONNECT that is being thought about. */
  private void probed(String answer) {
    if (connecting) {
      probes.add(answer);
    } else {
      say(answer);
    }
  }

  private void connect() {
    connecting = true;
    upstream
        .loop()
        .after(
            Duration.ofNanos(site.world().random().nextLong(MOST_THOUGHT.toNanos())),
            () -> {
              Page known = site.page(token);
              sid = "s" + known.nextSid();
              page = known;
              since = site.world().now();
              say("40{\"sid\":\"" + sid + "\"}");
              connecting = false;
              probes.forEach(this::say);
              probes.clear();
            });
  }

  private void answered(String packet) {
    int id = Numbers.after(packet, "43");
    int number = Numbers.after(packet, "\"a\":");
    Integer asked = openCalls.remove(id);
    if (asked == null) {
      throw new Violation("an answer came to no open call");
    }
    Violation.unless(asked == number, "a call got the answer to another one");
  }

  @Override
  public void batchEnd() {}

  @Override
  public void closed(WebSocketClosed how) {
    trace("has ended: " + how.detail());
    upstream.closed(this);
  }

  boolean isLost() {
    return lost;
  }

  /** Whether a node has closed it that had forwarded it to another one. */
  boolean isGivenBack() {
    return givenBack;
  }

  /** Whether its node drains, and so forwards it to another one. */
  boolean isLent() {
    return node.isDraining();
  }

  /** Whether it has broken, and no node has closed it. */
  boolean isBroken() {
    return lost && readAtClose == Long.MAX_VALUE;
  }

  /** It is gone. */
  void lost() {
    if (page != null && readAtClose == Long.MAX_VALUE) {
      if (node.isDraining()) {
        // Its node forwards it: what is on its way to that node has left the session.
        page.linkBreaks(sid, 4 * mostUnwritten(), () -> false);
      } else {
        page.linkBreaks(sid, mostUnwritten(), cable.near()::isClosed);
      }
    }
    lost = true;
    queue.clear();
  }

  /**
   * What waits is given to a link at once, up to the read or POST that fills its limit, or, if it
   * has waited for the link, in large blocks.
   */
  private long mostUnwritten() {
    long waiting = site.settings().get(LimitKeys.WAITING);
    return Math.max(BufferPool.LARGE, waiting + SimulatedUpstream.ANNOUNCED.maxPayload());
  }

  @Override
  public String toString() {
    return "%s@%s read %d".formatted(sid, upstream, cable.down().read());
  }
}
