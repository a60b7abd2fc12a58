package dev.holdfast.session;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Specification.Event;
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

  private int texts;

  ModelUpstream(ModelNode node, Specification specification, ModelTrace trace) {
    this.node = node;
    this.specification = specification;
    this.trace = trace;
  }

  /** Answers the CONNECT of the present link. */
  void reply() throws ProtocolException {
    ModelLink link = node.link();
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
    List<String> packets = new ArrayList<>();
    int count = random.nextInt(3) == 0 ? 1 + random.nextInt(8) : 1;
    for (int i = 0; i < count; i++) {
      packet(link, packets, random);
    }
    tell(link, packets);
  }

  private void packet(ModelLink link, List<String> packets, SplittableRandom random) {
    int dice = random.nextInt(20);
    if (dice == 0) {
      packets.add("43" + random.nextInt(100) + "[1]");
      return;
    }
    told++;
    if (dice <= 3) {
      Event call = specification.sent(replies, link, true, random.nextInt(50) == 0);
      int id = link.called(call);
      if (dice == 3 && !call.broken) {
        packets.add("451-" + id + "[\"e\"," + call.number + ",{\"_placeholder\":true,\"num\":0}]");
        packets.add("<att>");
      } else {
        packets.add("42" + id + "[\"e\"," + call.number + (call.broken ? ",NaN]" : ",\"call\"]"));
      }
    } else if (dice <= 5) {
      Event event = specification.sent(replies, link, false, false);
      packets.add("451-[\"e\"," + event.number + end(random) + "]");
      packets.add("<att>");
    } else {
      Event event = specification.sent(replies, link, false, random.nextInt(100) == 0);
      packets.add("42[\"e\"," + event.number + (event.broken ? ",NaN" : end(random)) + "]");
    }
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

  /** The present link breaks, perhaps within a packet. */
  void lose(SplittableRandom random) throws ProtocolException {
    ModelLink link = node.link();
    if (!link.open || replies == 0) {
      return;
    }
    if (random.nextBoolean() && link.isReading() && link.replied) {
      tell(link, List.of("452-[\"half\",{},{}]", "<att>"));
    }
    link.open = false;
    trace.say("upstream", replies, "closes the link", "");
    link.receiver.closed(CloseReason.UPSTREAM_CLOSED);
  }

  private void tell(ModelLink link, List<String> packets) throws ProtocolException {
    trace.say("upstream", replies, "sends", packets);
    Read.ofUpstream(packets.toArray(String[]::new)).tell(link.receiver);
  }
}
