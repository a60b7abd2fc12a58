package dev.holdfast.sessions;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.Json;
import dev.holdfast.session.LinkFence;
import dev.holdfast.session.NoOpSessionContext;
import dev.holdfast.session.ResumeRequest;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.time.ManualTimers;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parked sessions with names. Their thread runs only in {@link #run}. */
final class TestSessions {
  private static final Duration LAG = Duration.ofSeconds(1);

  private final ManualTimers timers = new ManualTimers();

  /** Tasks of the sessions' thread. */
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  private final List<String> ended = new ArrayList<>();
  private final List<String> moves = new ArrayList<>();

  ManualTimers timers() {
    return timers;
  }

  /** How the sessions ended, by name. */
  List<String> ended() {
    return ended;
  }

  /** The sessions that have asked for a link to another upstream. */
  List<String> moves() {
    return moves;
  }

  SessionEntry entry(String name, long parkedBytes) {
    SessionEntry entry = new SessionEntry(tasks::add);
    entry.is(session(name));
    entry.parkedBytes(parkedBytes);
    return entry;
  }

  void run() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  private Session session(String name) {
    Duration ever = Duration.ofDays(1);
    SessionSetup.LogLimits outbox = new SessionSetup.LogLimits(1000, 10, 1000, 1000, 0, ever);
    SessionSetup setup =
        new SessionSetup(
            new SessionSetup.Limits(1, 1000, ever, outbox, ever, ever, true, ever, 1000, ever, LAG),
            OffsetStyle.ARGUMENT,
            "tagtag",
            0,
            timers,
            new BufferPool(0),
            new BufferPool(BufferPool.BLOCK),
            nothing(Json.class));
    Node node = new Node(name);
    Session session = new Session(nothing(EngineConnection.class), new byte[0], node, setup);
    EngineConnection.Listener client = session.start();
    node.connects();
    client.closed(CloseReason.CLIENT_LOST);
    return session;
  }

  private static <T> T nothing(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (proxy, method, arguments) -> method.getReturnType() == boolean.class ? false : null));
  }

  /** Has an upstream for a session, and tells how the session ended. */
  private final class Node extends NoOpSessionContext {
    private final String name;
    private EngineConnection.@Nullable Listener upstream;

    private void connects() {
      byte[] reply = TextFrame.of("40{\"sid\":\"s\"}");
      try {
        Objects.requireNonNull(upstream)
            .message(new Message().ofFrame(ByteBuffer.wrap(reply), false));
      } catch (ProtocolException e) {
        throw new AssertionError(e);
      }
    }

    private Node(String name) {
      this.name = name;
    }

    @Override
    public byte[] handoffMessage(SessionSnapshot snapshot) {
      throw new AssertionError("there is no other node");
    }

    @Override
    public void handedOff(String successor) {
      throw new AssertionError("there is no other node");
    }

    @Override
    public EngineConnection move(EngineConnection.Listener listener) {
      moves.add(name);
      return nothing(EngineConnection.class);
    }

    @Override
    public Optional<LinkFence> fence() {
      return Optional.empty();
    }

    @Override
    public EngineConnection dial(EngineConnection.Listener listener) {
      upstream = listener;
      return nothing(EngineConnection.class);
    }

    @Override
    public EngineConnection redial(EngineConnection.Listener listener) {
      return nothing(EngineConnection.class);
    }

    @Override
    public String newPid() {
      return name;
    }

    @Override
    public boolean isOwner(ResumeRequest request) {
      return true;
    }

    @Override
    public void ended(CloseReason reason) {
      ended.add(name + " " + reason.label());
    }
  }
}
