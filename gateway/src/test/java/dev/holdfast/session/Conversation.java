package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.memory.TestPools;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import dev.holdfast.session.SessionSetup.LogLimits;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.time.ManualTimers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A session between a client and an upstream that are played by the test. */
final class Conversation {
  static final Duration SLOW = Duration.ofSeconds(10);
  static final Duration WINDOW = Duration.ofMinutes(5);
  static final Duration LEFT_WINDOW = Duration.ofSeconds(15);
  static final Duration GIVE_UP = Duration.ofMinutes(10);
  static final Duration KEPT = Duration.ofSeconds(5);
  static final Duration OVERLAP = Duration.ofSeconds(5);
  static final Duration LAG = Duration.ofSeconds(1);
  static final long WAITING = 1000;
  static final long GAP = 5000;
  static final LogLimits OUTBOX = new LogLimits(20_000, 500, WAITING, 2000, 4000, KEPT);
  static final int ATTACHMENTS = 2;
  static final long POOL = 4L * BufferPool.BLOCK;
  static final String EVENT = "42[\"events\",{\"a\":1}]";
  static final String TOKEN = "t";
  static final String HANDOFF_MESSAGE = "6will";

  final ManualTimers timers = new ManualTimers();
  final BufferPool pool;
  final BufferPool outboxes;
  final FakeConnection link = new FakeConnection(true);
  FakeConnection transport = new FakeConnection(false);

  /** The present link, the first one until it is lost. */
  FakeConnection uplink = link;

  /** Whether the next link or transport takes frames at once. */
  boolean nextTaking = true;

  /** Whether the session may wait for a client that is gone. */
  boolean mayPark = true;

  /** What the session's next node was told last. */
  @Nullable SessionSnapshot snapshot;

  /** What the session asked of its node, and told it. */
  final Heard heard = new Heard();

  /** The ledger, with those merged: accepted, delivered, given up. */
  long accepted;

  long delivered;
  long givenUp;
  long replayed;
  final NoOpSessionContext node = new Node();
  final Session session;
  EngineConnection.Listener client;
  EngineConnection.Listener upstream = new QuietListener();
  EngineConnection.Listener nextUpstream = new QuietListener();
  FakeConnection nextLink = new FakeConnection(true);
  @Nullable LinkFence fence;
  private final List<PacketStage> stages;
  private int pids;
  private int transports;
  Runnable allocating = () -> {};

  Conversation(OffsetStyle style, PacketStage... stages) {
    this(style, true, new Start(Optional.empty(), List.of(stages)));
  }

  /** Goes on with a session that another node has given away. */
  Conversation(SessionSnapshot snapshot, PacketStage... stages) {
    this(snapshot.style(), true, new Start(Optional.of(snapshot), List.of(stages)));
  }

  /** Whose client is asked again, or not, what it has had but not answered. */
  Conversation(OffsetStyle style, boolean asksAgain) {
    this(style, asksAgain, Start.AFRESH);
  }

  private Conversation(OffsetStyle style, boolean asksAgain, Start start) {
    this(style, OUTBOX, new BufferPool(POOL), 1 << 20, asksAgain, start);
  }

  Conversation(OffsetStyle style, LogLimits outbox, long memory) {
    this(style, outbox, new BufferPool(POOL), memory, true, Start.AFRESH);
  }

  Conversation(OffsetStyle style, BufferPool pool) {
    this(style, OUTBOX, pool, 1 << 20, true, Start.AFRESH);
  }

  private Conversation(
      OffsetStyle style, LogLimits box, BufferPool pool, long memory, boolean asks, Start start) {
    this.pool = pool;
    this.stages = start.stages();
    outboxes = TestPools.of(memory, () -> allocating.run());
    SessionSetup.Limits limits =
        new SessionSetup.Limits(
            ATTACHMENTS, WAITING, SLOW, box, WINDOW, LEFT_WINDOW, asks, GIVE_UP, GAP, OVERLAP, LAG);
    SessionSetup setup =
        new SessionSetup(limits, style, "tagtag", 0, timers, pool, outboxes, new TextJson());
    byte[] connect = "40{\"token\":\"t\"}".getBytes(StandardCharsets.US_ASCII);
    session = new Session(transport, connect, node, setup);
    client = start.adopted().map(this::adopt).orElseGet(session::start);
  }

  private EngineConnection.Listener adopt(SessionSnapshot given) {
    pids = given.given().size();
    return session.adopt(
        given,
        listener -> {
          upstream = listener;
          return link;
        });
  }

  /** The session opens its next link. */
  void open() {
    assertThat(session.move(true)).isTrue();
    timers.pass(LAG);
  }

  /** The next link is there and its upstream has answered. */
  void overlap() throws ProtocolException {
    open();
    next("40{\"sid\":\"s2\"}");
  }

  /** The next link brings this. */
  void next(String... packets) throws ProtocolException {
    Read.ofUpstream(packets).tell(nextUpstream);
  }

  /** A conversation whose client is connected and cannot resume. */
  static Conversation live() throws ProtocolException {
    return new Conversation(OffsetStyle.NONE).connected();
  }

  /** A conversation whose client is connected and has confirmed that. */
  static Conversation live(OffsetStyle style) throws ProtocolException {
    return new Conversation(style).connected();
  }

  Conversation connected() throws ProtocolException {
    down("40{\"sid\":\"s\"}");
    confirm();
    link.forget();
    transport.forget();
    heard.clear();
    return this;
  }

  /** The client sends this in one read. */
  void up(String... packets) throws ProtocolException {
    Read.ofClient(packets).tell(client);
  }

  /** The upstream sends this in one read. */
  void down(String... packets) throws ProtocolException {
    Read.ofUpstream(packets).tell(upstream);
  }

  /** The client confirms all that its transport was given. */
  void confirm() {
    client.acknowledged(transport.given);
  }

  /** The client's connection breaks. */
  void cut() {
    client.closed(CloseReason.CLIENT_LOST);
  }

  /**
   * The client comes back with the pid of this number and this offset, having sent answers before.
   */
  Result resume(int pid, @Nullable String offset, String... answers) {
    return resume(new ResumeRequest("pid" + pid, offset, TOKEN), answers);
  }

  Result resume(ResumeRequest request, String... answers) {
    FakeConnection newcomer = new FakeConnection(false);
    newcomer.taking = nextTaking;
    ResumeResult resumeResult =
        session.resume(
            newcomer,
            ++transports,
            request,
            each -> {
              try {
                Read.ofClient(answers).each(each::accept);
              } catch (ProtocolException e) {
                throw new AssertionError(e);
              }
            });
    if (resumeResult.listener() != null) {
      transport = newcomer;
      client = resumeResult.listener();
    }
    return resumeResult.result();
  }

  /** What the transport was given, without markers. */
  List<String> shown() {
    return transport.packets.stream().filter(packet -> !packet.startsWith("42[\"~o\"")).toList();
  }

  /** Events that are neither delivered, nor merged, nor given up. */
  long waiting() {
    return accepted - delivered - node.merged - givenUp;
  }

  /** Nothing is left of a session that is over. */
  void assertNothingLeft() {
    assertThat(session.isClosed()).isTrue();
    assertThat(waiting()).as("events that nobody accounts for").isZero();
    assertThat(pool.taken()).as("bytes towards the upstream").isZero();
    assertThat(outboxes.taken()).as("bytes of the outbox").isZero();
    assertThat(timers.waiting()).as("timers").isZero();
  }

  private record Start(Optional<SessionSnapshot> adopted, List<PacketStage> stages) {
    private static final Start AFRESH = new Start(Optional.empty(), List.of());
  }

  private final class Node extends NoOpSessionContext {
    @Override
    public List<PacketStage> stages() {
      return stages;
    }

    @Override
    public void stageFailed(String stage) {
      heard.add(stage + " failed");
    }

    @Override
    public byte[] handoffMessage(SessionSnapshot given) {
      snapshot = given;
      return HANDOFF_MESSAGE.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void handedOff(String successor) {
      heard.add("handed off to " + successor);
    }

    @Override
    public EngineConnection dial(EngineConnection.Listener listener) {
      heard.add("dial");
      upstream = listener;
      return link;
    }

    @Override
    public EngineConnection redial(EngineConnection.Listener listener) {
      heard.add("redial");
      upstream = listener;
      uplink = new FakeConnection(true);
      uplink.taking = nextTaking;
      return uplink;
    }

    @Override
    public EngineConnection move(EngineConnection.Listener listener) {
      heard.add("move");
      nextUpstream = listener;
      nextLink = new FakeConnection(true);
      nextLink.taking = nextTaking;
      return nextLink;
    }

    @Override
    public Optional<LinkFence> fence() {
      return Optional.ofNullable(fence);
    }

    @Override
    public void overlapping() {
      heard.add("overlapping");
    }

    @Override
    public void switchedOver(SwitchoverResult result) {
      heard.add("moved " + result);
      if (result.isMove()) {
        upstream = nextUpstream;
        uplink = nextLink;
      }
    }

    @Override
    public void bothLinksLost() {
      heard.add("both links lost");
    }

    @Override
    public void announced() {
      heard.add("announced");
    }

    @Override
    public String newPid() {
      return "pid" + ++pids;
    }

    @Override
    public void pidRevoked(String pid) {
      heard.add("revoked " + pid);
    }

    @Override
    public void pidsRevoked() {
      heard.add("revoked");
    }

    @Override
    public boolean isOwner(ResumeRequest request) {
      return TOKEN.equals(request.token());
    }

    @Override
    public boolean mayPark() {
      return mayPark;
    }

    @Override
    public void parked() {
      heard.add("parked");
    }

    @Override
    public void unparked() {
      heard.add("unparked");
    }

    @Override
    public void caughtUp(Duration stall) {
      heard.add("caught up after " + stall.toMillis());
    }

    @Override
    public void relinked() {
      heard.add("relinked");
    }

    @Override
    public void memoryShort() {
      heard.add("memory short");
    }

    @Override
    public void accepted(long events) {
      accepted += events;
    }

    @Override
    public void delivered(long events) {
      delivered += events;
    }

    @Override
    public void givenUp(String reason, long events) {
      givenUp += events;
      if (events > 0) {
        heard.add("given up " + events + " " + reason);
      }
    }

    @Override
    public void replayed(long events, long bytes) {
      replayed += events;
    }

    @Override
    public void answerDropped() {
      heard.add("answer dropped");
    }

    @Override
    public void ended(CloseReason reason) {
      heard.add("ended " + reason.label());
    }
  }
}
