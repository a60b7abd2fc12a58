package dev.holdfast.session;

import static dev.holdfast.session.ModelNode.TOKEN;
import static dev.holdfast.session.ModelTransport.check;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ModelTransport.Upward;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A session between a simulated client and a simulated upstream, compared step by step with what a
 * client may expect. Not thread-safe.
 */
final class Model {
  /** How a session is set up. */
  record Setting(OffsetStyle style, boolean tight) {
    private SessionSetup.Limits limits() {
      Duration keptTime = Duration.ofSeconds(5);
      if (tight) {
        return new SessionSetup.Limits(
            2,
            1500,
            Duration.ofSeconds(10),
            new SessionSetup.LogLimits(6000, 40, 1500, 1000, 2000, keptTime),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            true,
            Duration.ofSeconds(40),
            600,
            Duration.ofSeconds(5),
            LAG);
      }
      Duration ever = Duration.ofDays(1);
      return new SessionSetup.Limits(
          2,
          4000,
          ever,
          new SessionSetup.LogLimits(1 << 20, 10_000, 4000, 2000, 4000, keptTime),
          ever,
          ever,
          true,
          ever,
          1 << 20,
          Duration.ofSeconds(5),
          LAG);
    }
  }

  private static final Duration LAG = Duration.ofSeconds(1);

  private final Setting setting;
  private final BufferPool pool;
  private final BufferPool outboxes;
  private final ModelTrace trace;
  private final ManualTimers timers = new ManualTimers();
  private final ModelNode node = new ModelNode();
  private final Specification specification = new Specification();
  private final ModelUpstream upstream;
  private final ModelClient client;
  private final Session session;

  /** Numbers of the client's events that the session has taken. */
  private final List<Integer> taken = new ArrayList<>();

  private final List<Upward> late = new ArrayList<>();
  private EngineConnection.Listener lateListener;
  private String half = "";
  private int connections;

  Model(Setting setting, BufferPool pool, BufferPool outboxes, ModelTrace trace)
      throws ProtocolException {
    this.setting = setting;
    this.pool = pool;
    this.outboxes = outboxes;
    this.trace = trace;
    this.upstream = new ModelUpstream(node, specification, trace, timers, LAG);
    node.onMoved = upstream::moved;
    node.onStayed = upstream::stayed;
    ModelTransport transport = new ModelTransport(++connections);
    this.client = new ModelClient(specification, transport, trace);
    client.is(setting.style());
    SessionSetup setup =
        new SessionSetup(
            setting.limits(), setting.style(), "tagtag", 0, timers, pool, outboxes, new TextJson());
    this.session = new Session(transport, "40{}".getBytes(US_ASCII), node, setup);
    this.lateListener = session.start();
    transport.listener = lateListener;
    upstream.reply();
    client.handle(1, new SplittableRandom(1));
  }

  /** Does a step; false if the session is over. */
  boolean step(ModelStep step) throws ProtocolException {
    SplittableRandom random = new SplittableRandom(step.seed());
    switch (step.kind()) {
      case EMIT -> upstream.emit(random);
      case HANDLE -> client.handle(1 + random.nextInt(12), random);
      case ARRIVE -> arrive(1 + random.nextInt(6));
      case CLIENT_EMIT -> client.emit(random);
      case ANSWER -> answer(random);
      case CUT -> cut(random);
      case HEAR_OF_CUT -> hearOfCut(random);
      case RETURN -> comeBack(random);
      case STRANGER -> stranger(random);
      case LATE -> late();
      case TRANSPORT_SLOW -> transportTakes(!client.transport.taking);
      case PING -> client.transport.ping();
      case REPLY -> upstream.reply();
      case LINK_LOST -> upstream.lose(random);
      case LINK_SLOW -> linkTakes(random);
      case MOVE -> move(random);
      case DELIVER -> upstream.deliver(random);
      case PASS -> pass(random);
    }
    boolean mayEnd = setting.tight() && !node.ended.equals(Optional.of(CloseReason.INTERNAL));
    check(!session.isClosed() || mayEnd, "the session ended: " + node.ended);
    checkBooks();
    return !session.isClosed();
  }

  private void checkBooks() {
    if (!session.isClosed()) {
      check(node.accepted == upstream.told, "accepted " + node.accepted + " of " + upstream.told);
    }
    check(node.delivered + node.givenUp <= node.accepted, "more went out than came in");
    check(node.delivered <= specification.handled(), "delivered is what the client has not had");
  }

  private void answer(SplittableRandom random) {
    String answer = client.answer(random);
    if (answer != null) {
      client.send(answer);
    }
  }

  private void arrive(int most) throws ProtocolException {
    ModelTransport transport = client.transport;
    List<String> read = new ArrayList<>();
    long confirmed = -1;
    for (int i = 0; i < most && !transport.upward.isEmpty() && transport.reading; i++) {
      Upward next = transport.upward.remove();
      if (next.packet().isEmpty()) {
        // A PONG inside a read: what it confirms is said behind all that came with it.
        confirmed = next.handled();
      } else {
        read.add(next.packet());
      }
    }
    tell(transport, read);
    confirm(transport, confirmed);
  }

  private void confirm(ModelTransport transport, long bytes) {
    if (bytes >= 0 && transport.openForSession && transport.listener != null) {
      trace.say("client", transport.number, "has handled bytes:", bytes);
      transport.listener.acknowledged(bytes);
    }
  }

  private void tell(ModelTransport transport, List<String> read) throws ProtocolException {
    if (!read.isEmpty() && transport.openForSession && transport.listener != null) {
      trace.say("client", transport.number, "sends", read);
      read.forEach(packet -> takes(packet, transport.number));
      Read.ofClient(read.toArray(String[]::new)).tell(transport.listener);
    }
  }

  /** The session takes a packet, when its attachment is there too. */
  private void takes(String packet, int connection) {
    if (packet.startsWith("45") || packet.startsWith("46")) {
      half = packet;
      return;
    }
    String whole = packet.startsWith("<") ? half : packet;
    half = "";
    if (whole.startsWith("43") || whole.startsWith("46")) {
      Specification.Event call = specification.events.get(ModelLink.number(whole, "[\"a\","));
      call.answeredOn = call.answeredOn < 0 ? connection : call.answeredOn;
    } else {
      taken.add(ModelLink.number(whole, "[\"u\","));
    }
  }

  private void cut(SplittableRandom random) throws ProtocolException {
    ModelTransport transport = client.transport;
    if (client.isAway()) {
      return;
    }
    int more = random.nextInt(transport.pending() + 1);
    transport.cutAfter(more);
    client.handle(Integer.MAX_VALUE, random);
    trace.say("client", transport.number, "is cut off behind more bytes:", more);
    client.cut();
    arrive(random.nextInt(transport.upward.size() + 1));
    forgetUpward(transport);
    if (random.nextInt(3) > 0) {
      hearOfCut(random);
    }
  }

  private void forgetUpward(ModelTransport transport) {
    half = "";
    late.clear();
    late.addAll(transport.upward);
    transport.upward.clear();
    if (transport.listener != null) {
      lateListener = transport.listener;
    }
  }

  private void hearOfCut(SplittableRandom random) {
    ModelTransport transport = client.transport;
    if (client.isAway() && transport.openForSession && transport.listener != null) {
      forgetUpward(transport);
      transport.openForSession = false;
      boolean left = setting.tight() && random.nextInt(4) == 0;
      trace.say("session", transport.number, "hears of the cut", "");
      transport.listener.closed(left ? CloseReason.CLIENT_LEFT : CloseReason.PING_TIMEOUT);
    }
  }

  /** What an old connection brought is not heard any more. */
  private void late() throws ProtocolException {
    if (!late.isEmpty() && !lateListener.equals(client.transport.listener)) {
      for (Upward each : late) {
        if (each.packet().isEmpty()) {
          lateListener.acknowledged(each.handled());
        } else {
          Read.ofClient(each.packet()).tell(lateListener);
        }
      }
      lateListener.closed(CloseReason.CLIENT_LOST);
      late.clear();
    }
  }

  private void comeBack(SplittableRandom random) {
    if (!client.isAway()) {
      return;
    }
    ModelTransport old = client.transport;
    forgetUpward(old);
    ModelTransport newcomer = new ModelTransport(++connections);
    newcomer.taking = random.nextInt(10) > 0;
    List<String> early = earlyAnswers(random, newcomer.number - 1);
    ResumeRequest request = new ResumeRequest("pid" + client.replies, client.offset, TOKEN);
    trace.say("client", newcomer.number, "comes back as " + request + " with", early);
    client.namesOffset();
    ResumeResult resumed =
        session.resume(newcomer, newcomer.number, request, each -> tellEarly(early, each));
    check(!old.openForSession, "two transports are open");
    boolean recovered = resumed.result() == Result.RECOVERED;
    boolean excused = setting.tight() && resumed.result() != Result.UNKNOWN;
    check(recovered || excused, "the client was refused: " + resumed.result());
    check(recovered != session.isClosed(), "a session stays with no client, or without its own");
    newcomer.openForSession = recovered;
    newcomer.listener = resumed.listener();
    client.transport = newcomer;
  }

  private List<String> earlyAnswers(SplittableRandom random, int connection) {
    List<String> early = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      String answer = client.answer(random);
      if (answer != null) {
        early.add(answer);
        if (answer.startsWith("46")) {
          early.add("<att>");
        }
      }
    }
    early.forEach(packet -> takes(packet, connection));
    return early;
  }

  private static void tellEarly(List<String> early, Consumer<Message> each) {
    try {
      Read.ofClient(early.toArray(String[]::new)).each(each::accept);
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private void stranger(SplittableRandom random) {
    boolean foreign = random.nextBoolean();
    ResumeRequest request =
        new ResumeRequest(foreign ? "pid" + client.replies : "pid", null, foreign ? null : TOKEN);
    Result result =
        session
            .resume(
                new ModelTransport(0),
                0,
                request,
                answers -> check(false, "a stranger's answers were taken"))
            .result();
    check(result == (foreign ? Result.FOREIGN : Result.UNKNOWN), "a stranger was let in");
  }

  private void transportTakes(boolean taking) {
    ModelTransport transport = client.transport;
    transport.taking = taking;
    if (taking && transport.openForSession && transport.listener != null) {
      transport.listener.writable();
    }
  }

  private void move(SplittableRandom random) {
    boolean going = session.move(random.nextInt(4) > 0);
    trace.say("session", 0, going ? "moves" : "does not move", "");
  }

  private void linkTakes(SplittableRandom random) {
    ModelLink next = node.next();
    ModelLink link = next != null && random.nextBoolean() ? next : node.link();
    linkTakes(link, !link.isTaking());
  }

  private static void linkTakes(ModelLink link, boolean taking) {
    link.take(taking);
    if (taking && link.open) {
      link.listener.writable();
    }
  }

  private void pass(SplittableRandom random) throws ProtocolException {
    // The links are never far apart.
    upstream.deliverAll();
    Duration time = Duration.ofMillis(random.nextInt(setting.tight() ? 20_000 : 4000));
    timers.pass(time, random.nextInt(4) == 0);
  }

  /** Everybody does what is left to do, and the session ends. */
  void finish() throws ProtocolException {
    SplittableRandom calm = new SplittableRandom(7);
    if (!setting.tight()) {
      settle(calm);
      cut(new SplittableRandom(3));
      settle(calm);
      checkAll();
    }
    session.close(CloseReason.DRAINED);
    check(node.ended.isPresent(), "nobody was told of the session's end");
    long unaccounted = node.accepted - node.delivered - node.givenUp;
    check(unaccounted == 0, unaccounted + " events are not accounted for");
    check(pool.taken() == 0, "bytes towards the upstream are left");
    check(outboxes.taken() == 0, "bytes of the outbox are left");
    check(timers.waiting() == 0, "timers are left");
    check(!client.transport.openForSession, "the transport is left");
    check(!node.link().open, "the link is left");
    ModelLink next = node.next();
    check(next == null || !next.open, "the next link is left");
  }

  private void settle(SplittableRandom random) throws ProtocolException {
    for (int i = 0; i < 200; i++) {
      comeBack(random);
      transportTakes(true);
      linkTakes(node.link(), true);
      ModelLink next = node.next();
      if (next != null) {
        linkTakes(next, true);
      }
      upstream.reply();
      upstream.deliverAll();
      timers.pass(Duration.ofMillis(200));
      client.transport.ping();
      client.handle(Integer.MAX_VALUE, random);
      arrive(Integer.MAX_VALUE);
      boolean quiet = client.transport.pending() == 0 && client.transport.upward.isEmpty();
      if (quiet && !client.isAway() && node.link().replied && node.next() == null && i > 3) {
        return;
      }
    }
    throw new AssertionError("the client never gets everything");
  }

  private void checkAll() {
    specification.nothingMissingBefore(specification.events.size());
    specification.nothingMissingOf(node.link());
    check(client.replies == upstream.replies, "the client does not know its last sid");
    check(taken.equals(node.clientEvents), "took " + taken + ", passed " + node.clientEvents);
    check(node.accepted == node.delivered + node.givenUp, "something still waits");
    for (Specification.Event call : node.link().calls.values()) {
      check(
          call.broken || call.seenOn == client.transport.number,
          "call " + call.number + " has no answer and was not asked again");
    }
  }
}
