package dev.holdfast.session;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Specification.Event;
import dev.holdfast.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Sends what an Open WebUI might: numbered events of every shape, calls and answers. */
final class ModelUpstream {
  private static final int LARGEST = 2500;

  private final ModelNode node;
  private final Specification specification;
  private final ModelTrace trace;

  /** Events that the session was told of. */
  long told;

  /** CONNECTs that were answered. */
  int replies;

  private final Timers timers;
  private final Duration lag;
  private int texts;
  private long leftUntil;

  /** {@code lag}: how much later an old link may bring what a next one has brought. */
  ModelUpstream(
      ModelNode node, Specification specification, ModelTrace trace, Timers timers, Duration lag) {
    this.timers = timers;
    this.lag = lag;
    this.node = node;
    this.specification = specification;
    this.trace = trace;
  }

  /** Answers the CONNECT of the present link, or that of the next one. */
  void reply() throws ProtocolException {
    ModelLink next = node.next();
    ModelLink link = node.link().replied && next != null ? next : node.link();
    if (link.open && link.connected && !link.replied) {
      link.replied = true;
      replies++;
      tell(link, List.of("40{\"sid\":\"s" + replies + "\"}"));
    }
  }

  /** Sends some packets, if the link is read. */
  void emit(SplittableRandom random) throws ProtocolException {
    ModelLink link = node.link();
    boolean early = replies > 0 && random.nextInt(4) == 0;
    if (!link.open || !link.isReading() || !link.connected || !(link.replied || early)) {
      return;
    }
    int count = random.nextInt(3) == 0 ? 1 + random.nextInt(8) : 1;
    for (int i = 0; i < count; i++) {
      packet(random);
    }
    if (node.next() == null) {
      deliver(link, Integer.MAX_VALUE);
    }
  }

  /** Some of what is on its way over either link is read. */
  void deliver(SplittableRandom random) throws ProtocolException {
    ModelLink next = node.next();
    ModelLink link = next != null && random.nextBoolean() ? next : node.link();
    deliver(link, 1 + random.nextInt(6));
  }

  /** Everything that is on its way is read. */
  void deliverAll() throws ProtocolException {
    deliver(node.link(), Integer.MAX_VALUE);
    ModelLink next = node.next();
    if (next != null) {
      deliver(next, Integer.MAX_VALUE);
    }
  }

  private void deliver(ModelLink link, int most) throws ProtocolException {
    List<String> packets = new ArrayList<>();
    for (int i = 0; i < most && !link.inFlight.isEmpty() && link.isReading() && link.open; i++) {
      ModelLink.Sent sent = link.inFlight.remove();
      packets.addAll(sent.packets());
      if (sent.event() != null) {
        link.brought.add(sent.event());
      }
    }
    if (link.equals(node.link())) {
      told(link);
    }
    if (!packets.isEmpty()) {
      tell(link, packets);
    }
  }

  /** What this link has brought is to be delivered. */
  private void told(ModelLink link) {
    for (Event event : link.brought) {
      told += event.told ? 0 : 1;
      event.told = true;
    }
    link.brought.clear();
  }

  /** The session goes on with another link. */
  void moved() {
    told(node.link());
  }

  /** The client goes back to its old link, which soon brings what the other one has brought. */
  void stayed() {
    replies++;
    leftUntil = timers.nanoTime() + lag.toNanos();
  }

  private void packet(SplittableRandom random) {
    ModelLink next = node.next();
    boolean two = next != null && next.open && next.connected;
    // A few are for one of the links alone.
    boolean alone = two && next != null && random.nextInt(8) == 0;
    ModelLink link = alone && next != null ? next : node.link();
    int dice = random.nextInt(20);
    if (dice == 0) {
      link.inFlight.add(new ModelLink.Sent(List.of("43" + random.nextInt(100) + "[1]"), null));
      return;
    }
    boolean call = dice <= 3;
    boolean binary = dice == 4 || dice == 5;
    boolean broken = !binary && random.nextInt(call ? 50 : 100) == 0;
    Event event = specification.sent(replies, link, call, broken);
    event.overlapped = next != null;
    event.aside = alone;
    ModelLink.Sent sent = new ModelLink.Sent(packets(event, dice, random), event);
    carry(link, sent);
    if (two && next != null && !alone && !call && next.replied) {
      carry(next, sent);
    }
  }

  private static void carry(ModelLink link, ModelLink.Sent sent) {
    link.inFlight.add(sent);
    if (sent.event() != null) {
      sent.event().links.add(link);
    }
  }

  private List<String> packets(Event event, int dice, SplittableRandom random) {
    String start = "[\"e\"," + event.number;
    if (event.call) {
      int id = event.link.called(event);
      return dice == 3 && !event.broken
          ? List.of("451-" + id + start + ",{\"_placeholder\":true,\"num\":0}]", "<att>")
          : List.of("42" + id + start + (event.broken ? ",NaN]" : ",\"call\"]"));
    }
    return dice <= 5
        ? List.of("451-" + start + end(random) + "]", "<att>")
        : List.of("42" + start + (event.broken ? ",NaN" : end(random)) + "]");
  }

  private String end(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> ",{\"x\":1}";
      case 1 -> text("unique" + texts++);
      case 2 -> text("same" + random.nextInt(3));
      case 3 -> ",\"" + "x".repeat(random.nextInt(LARGEST)) + "\",1";
      default -> "";
    };
  }

  private String text(String text) {
    specification.sentText(text);
    return ",\"" + text + "\"";
  }

  /** A link breaks, perhaps within a packet. */
  void lose(SplittableRandom random) throws ProtocolException {
    ModelLink next = node.next();
    ModelLink link = next != null && random.nextBoolean() ? next : node.link();
    if (!link.open || replies == 0) {
      return;
    }
    if (random.nextBoolean() && link.isReading() && link.replied) {
      tell(link, List.of("452-[\"half\",{},{}]", "<att>"));
    }
    ModelLink left = node.left();
    if (left != null && link.equals(node.link()) && timers.nanoTime() < leftUntil) {
      told(left);
    }
    link.open = false;
    trace.say("upstream", replies, "closes the link", "");
    link.listener.closed(CloseReason.UPSTREAM_CLOSED);
  }

  private void tell(ModelLink link, List<String> packets) throws ProtocolException {
    trace.say("upstream", replies, "sends", packets);
    Read.ofUpstream(packets.toArray(String[]::new)).tell(link.listener);
  }
}
