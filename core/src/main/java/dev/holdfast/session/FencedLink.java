package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.LinkFence.Link;
import dev.holdfast.session.LinkFence.Sign;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/**
 * The fences of one of two links: joins, sends fences, and filters fence packets out of what the
 * upstream sends. Confined to its session.
 */
final class FencedLink implements DetachableListener.Filter {
  /** The switchover to which the link belongs. Called on its session's thread. */
  interface Listener {
    /** Called when the link {@code on} has delivered the fence with this number. */
    void seen(Link on, long number);

    /** Returns the steady time in nanoseconds. */
    long nanoTime();

    /** Returns whether a frame sent now would separate no packet from its attachments. */
    boolean isBetweenPackets();
  }

  /**
   * Number of answered probes, a lag apart, after which silence about the join means that the
   * upstream does not support documents. A stalled upstream answers none.
   */
  private static final int PROBES = 4;

  private enum State {
    /** First asks whether the client's sid is in its rooms. */
    NEW,
    JOINING,
    JOINED,
    /** The upstream has refused the join. */
    REFUSED,
    /**
     * Leaves once the link has joined. The upstream runs handlers concurrently, so an earlier leave
     * could run before the join.
     */
    LEAVING_ONCE_JOINED,
    LEAVING,
    LEFT
  }

  private final LinkFence fence;
  private final Link link;
  private final EngineConnection connection;
  private final Listener listener;
  private final SocketPacketHeader header = new SocketPacketHeader();
  private final Set<Long> unanswered = new HashSet<>();

  /** Packets that the link has not accepted yet. No fences are sent meanwhile. */
  private final Queue<ByteBuffer> unsent = new ArrayDeque<>();

  private State state = State.NEW;
  private long lastFenceAt;
  private long admission;

  /** The last probe after the join, which the upstream may not support. */
  private long behindJoin;

  /** The probe after the client's last packet. */
  private long behindPackets;

  private int answeredBehindJoin;
  private long answeredAt;

  /** Pending calls. Upstreams handle calls concurrently, so answers arrive in any order. */
  private final Set<Long> unansweredCalls = new HashSet<>(2);

  FencedLink(LinkFence fence, Link link, EngineConnection connection, Listener listener) {
    this.lastFenceAt = listener.nanoTime();
    this.fence = fence;
    this.link = link;
    this.connection = connection;
    this.listener = listener;
  }

  /**
   * Joins once the upstream has accepted the client. The probe is sent directly after a CONNECT.
   */
  void joinOnceAdmitted() {
    admission = probe();
  }

  /** Joins over a link in use. */
  void join() {
    if (state == State.NEW) {
      state = State.JOINING;
      send(fence.join(nextCall()));
      behindJoin = probe();
    }
  }

  private long probe() {
    long number = fence.nextNumber(link);
    unanswered.add(number);
    send(fence.probe(number));
    return number;
  }

  private long nextCall() {
    long call = fence.nextCall();
    unansweredCalls.add(call);
    return call;
  }

  /** Sends a probe that shows whether the upstream has read everything sent so far. */
  void ask() {
    behindPackets = probe();
  }

  /** Returns whether that probe was answered. */
  boolean isRead() {
    return !unanswered.contains(behindPackets);
  }

  /** Returns whether fences can be sent and received. */
  boolean isJoined() {
    return state == State.JOINED;
  }

  /**
   * Returns whether the link will not join: the upstream refused, or runs without answering the
   * join.
   */
  boolean isRefused() {
    return state == State.REFUSED || isJoinIgnored();
  }

  private boolean isJoinIgnored() {
    return state == State.JOINING && answeredBehindJoin >= PROBES && !fence.answersJoins(link);
  }

  /**
   * Sends what is due. The next probe after the join follows an answer by {@code pause}
   * nanoseconds.
   */
  void look(long pause) {
    writable();
    boolean answered = state == State.JOINING && !unanswered.contains(behindJoin);
    if (answered && !isJoinIgnored() && listener.nanoTime() - answeredAt >= pause) {
      behindJoin = probe();
    }
  }

  /** Returns whether a fence would be sent at once. */
  boolean isFree() {
    return unsent.isEmpty() && listener.isBetweenPackets() && connection.isFlushed();
  }

  /** Sends a fence. Returns false if the link accepts none now. */
  boolean sendFence(long number, long now) {
    if (!isFree()) {
      return false;
    }
    byte[] both =
        joined(TextFrame.masked(fence.probe(number)), TextFrame.masked(fence.announce(number)));
    boolean sent = connection.send(ByteBuffer.wrap(both));
    if (sent) {
      unanswered.add(number);
      lastFenceAt = now;
    }
    return sent;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  /** Returns when the last fence was sent, or this object was created. */
  long lastFenceAt() {
    return lastFenceAt;
  }

  /** Leaves. Fence packets in transit are still filtered. */
  void leave() {
    switch (state) {
      case NEW, REFUSED -> state = State.LEAVING;
      case JOINING -> state = State.LEAVING_ONCE_JOINED;
      case JOINED -> sendLeave();
      case LEAVING_ONCE_JOINED, LEAVING, LEFT -> {
        // Already leaving.
      }
    }
    endIfLeft();
  }

  @Override
  public boolean isDone() {
    return state == State.LEFT;
  }

  private void send(byte[] packet) {
    unsent.add(ByteBuffer.wrap(TextFrame.masked(packet)));
    writable();
  }

  @Override
  public void writable() {
    while (!unsent.isEmpty() && listener.isBetweenPackets() && connection.send(unsent.peek())) {
      unsent.remove();
    }
  }

  @Override
  public boolean takes(Message message) throws ProtocolException {
    writable();
    if (!message.text()) {
      return false;
    }
    Sign sign = fence.sign(message);
    return switch (sign.what()) {
      case NOTHING -> isAnswerToCall(message);
      case ANSWERED -> isOwn(sign.number());
      case ARRIVED -> {
        listener.seen(link, sign.number());
        yield true;
      }
      case JOINED -> {
        joined();
        yield true;
      }
      case OTHER -> true;
    };
  }

  private void joined() {
    if (state == State.JOINING) {
      state = State.JOINED;
    } else if (state == State.LEAVING_ONCE_JOINED) {
      sendLeave();
    }
  }

  private void sendLeave() {
    state = State.LEAVING;
    send(fence.leave(nextCall()));
  }

  private boolean isOwn(long number) {
    if (!unanswered.remove(number)) {
      return false;
    }
    if (number == admission) {
      join();
    } else if (number == behindJoin) {
      answeredAt = listener.nanoTime();
      answeredBehindJoin++;
    } else if (number != behindPackets) {
      listener.seen(link, number);
    }
    endIfLeft();
    return true;
  }

  private boolean isAnswerToCall(Message message) throws ProtocolException {
    if (unansweredCalls.isEmpty() || message.byteAt(1) != '3') {
      return false;
    }
    header.read(message);
    if (!header.rootNamespace() || !unansweredCalls.remove(header.ackId())) {
      return false;
    }
    if (state == State.JOINING) {
      state = State.REFUSED;
    } else if (state == State.LEAVING_ONCE_JOINED) {
      state = State.LEAVING;
    }
    endIfLeft();
    return true;
  }

  /** Ends when every call and fence was answered: no fence packet arrives any more. */
  private void endIfLeft() {
    if (state == State.LEAVING && unansweredCalls.isEmpty() && unanswered.isEmpty()) {
      state = State.LEFT;
    }
  }
}
