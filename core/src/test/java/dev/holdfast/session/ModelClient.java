package dev.holdfast.session;

import static dev.holdfast.session.ModelTransport.check;

import dev.holdfast.session.ModelTransport.Upward;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.session.Specification.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Does what socket.io-client 4.7.5 does with what comes, and a page with its calls. */
final class ModelClient {
  private static final String TAG = "tagtag.";
  private static final String EVENT = "[\"e\",";

  private record Open(Event call, String id) {}

  private final Specification specification;
  private final List<Open> openCalls = new ArrayList<>();
  private final Deque<String> sendBuffer = new ArrayDeque<>();

  /** What it has handled since its offset was last one of ours. */
  private final Set<Integer> sinceOffset = new HashSet<>();

  /** Those that may come once more, as nothing said where this client was when it was cut. */
  private final Set<Integer> comingAgain = new HashSet<>();

  private @Nullable String half;
  private boolean connected;
  private int sent;
  private int counter = -1;

  /** How many replies of ours it has had, which is the number of its pid. */
  int replies;

  @Nullable String offset;

  /** What it named when nothing had said where it was. */
  private @Nullable String firstNamed;

  /** Whether several events ended with its offset, so that it may be sent what it has had. */
  private boolean standsAnywhere;

  /** Whether each event that wants no answer says itself where this client is then. */
  private boolean arguments;

  /** Whether nothing says where this client is, until it has come back. */
  private boolean silent;

  ModelTransport transport;
  private final ModelTrace trace;

  ModelClient(Specification specification, ModelTransport transport, ModelTrace trace) {
    this.trace = trace;
    this.specification = specification;
    this.transport = transport;
  }

  /** How it learns where it is. */
  void is(OffsetStyle style) {
    arguments = style == OffsetStyle.ARGUMENT;
    silent = style == OffsetStyle.MARKER_AFTER_RESUME;
  }

  boolean isAway() {
    return !transport.openForClient;
  }

  /** It names its offset. If that is the end of several events, it may be sent what it has had. */
  void namesOffset() {
    String named = offset;
    standsAnywhere |=
        named != null && (specification.sentTexts(named) > 1 || named.equals(firstNamed));
  }

  /** Handles some of the messages that have come. */
  void handle(int most, SplittableRandom random) {
    for (int i = 0; i < most && transport.openForClient; i++) {
      String packet = transport.next();
      if (packet == null) {
        return;
      }
      trace.say("client", transport.number, "gets", packet);
      message(packet, random);
    }
    if (transport.openForClient) {
      transport.pong();
    }
  }

  /** Its connection is gone, with what was on its way. */
  void cut() {
    transport.openForClient = false;
    connected = false;
    half = null;
  }

  private void message(String packet, SplittableRandom random) {
    boolean binary = packet.startsWith("<");
    check(binary == (half != null), "attachments are not with their packet: " + packet);
    if (packet.startsWith("45")) {
      half = packet;
    } else if (binary) {
      String whole = half == null ? "" : half;
      half = null;
      packet(whole, random);
    } else {
      packet(packet, random);
    }
  }

  private void packet(String packet, SplittableRandom random) {
    if (packet.startsWith("40")) {
      connect(packet);
    } else if (packet.contains("NaN")) {
      // A parse error: the connection is closed.
      cut();
    } else if (packet.startsWith("42") || packet.startsWith("45")) {
      check(connected, "an event came before the reply: " + packet);
      event(packet, random);
    }
  }

  private void connect(String reply) {
    int pid = ModelLink.number(reply, "\"pid\":\"pid");
    int sid = ModelLink.number(reply, "\"sid\":\"s");
    // One that is told that it has not moved after all gets an earlier sid.
    check(sid == pid || sid < pid - 1, "a reply has the sid of another: " + reply);
    if (replies > 0 && !transport.replied) {
      check(pid == replies, "a client of pid" + replies + " was answered with " + reply);
      if (silent) {
        comingAgain.addAll(sinceOffset);
        firstNamed = offset;
        silent = false;
      }
    } else {
      check(pid == replies + 1, "a client of pid" + replies + " was sent " + reply);
    }
    transport.replied = true;
    replies = pid;
    connected = true;
    sendBuffer.forEach(this::send);
    sendBuffer.clear();
  }

  private void event(String packet, SplittableRandom random) {
    int from = packet.startsWith("45") ? packet.indexOf('-') + 1 : 2;
    String id = packet.substring(from, packet.indexOf('['));
    check(!silent || !packet.contains("[\"~o\""), "a marker came before the first resume");
    if (!packet.contains("[\"~o\"")) {
      int number = ModelLink.number(packet, EVENT);
      boolean told = TextJson.lastText(packet).filter(text -> text.startsWith(TAG)).isPresent();
      check(told == (arguments && id.isEmpty()), "an event has its offset elsewhere: " + packet);
      specification.handles(number, transport, standsAnywhere || mayComeAgain(number), replies);
      sinceOffset.add(number);
      transport.last = id.isEmpty() ? number : transport.last;
      if (!id.isEmpty()) {
        asked(new Open(specification.events.get(number), id), random);
      }
      if (random.nextInt(200) == 0) {
        // A handler throws: the offset is not taken.
        return;
      }
    }
    if (id.isEmpty()) {
      TextJson.lastText(packet).ifPresent(this::takeOffset);
    }
  }

  private boolean mayComeAgain(int number) {
    return comingAgain.remove(number) || sinceOffset.contains(number);
  }

  private void takeOffset(String text) {
    offset = text;
    if (text.startsWith(TAG)) {
      int told = Integer.parseInt(text, TAG.length(), text.length(), 10);
      if (told > counter) {
        counter = told;
        standsAnywhere = false;
        sinceOffset.removeIf(number -> transport.last < 0 || number <= transport.last);
      }
    }
  }

  private void asked(Open call, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      send(answer(call, random));
    } else {
      openCalls.add(call);
    }
  }

  /** The answer to a call that waits for one; null if none does. It may be given twice. */
  @Nullable String answer(SplittableRandom random) {
    if (openCalls.isEmpty()) {
      return null;
    }
    int which = random.nextInt(openCalls.size());
    Open call = random.nextInt(5) == 0 ? openCalls.get(which) : openCalls.remove(which);
    return answer(call, random);
  }

  private static String answer(Open call, SplittableRandom random) {
    String json = call.id() + "[\"a\"," + call.call().number;
    return random.nextInt(4) == 0
        ? "461-" + json + ",{\"_placeholder\":true,\"num\":0}]"
        : "43" + json + "]";
  }

  /** Sends an event, when it is connected. */
  void emit(SplittableRandom random) {
    String json = "[\"u\"," + ++sent + "]";
    String packet =
        switch (random.nextInt(4)) {
          case 0 -> "42" + sent + json;
          case 1 -> "451-" + json;
          default -> "42" + json;
        };
    if (connected) {
      send(packet);
    } else {
      sendBuffer.add(packet);
    }
  }

  /** Puts a packet on its way; lost if there is no connection. */
  void send(String packet) {
    if (transport.openForClient) {
      transport.upward.add(new Upward(packet, 0));
      if (packet.startsWith("45") || packet.startsWith("46")) {
        transport.upward.add(new Upward("<att>", 0));
      }
    }
  }
}
