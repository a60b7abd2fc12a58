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
 * One of two links, as far as fences go over it: takes part, sends them, and takes what belongs to
 * them out of what the upstream sends. Confined to its session.
 */
final class FencedLink implements DetachableListener.Filter {
  /** The switchover that the link takes part in. Called on its session's thread. */
  interface Listener {
    /** The link {@code on} has brought the fence with this number. */
    void seen(Link on, long number);

    /** The steady time in nanoseconds. */
    long nanoTime();

    /** Whether a frame sent now would stand between no packet and its attachments. */
    boolean isBetweenPackets();
  }

  /**
   * Probes that an upstream answers, a lag apart, before its silence about the join means that it
   * does not know documents. One that stands still answers none.
   */
  private static final int PROBES = 4;

  private enum State {
    /** Whether the client's sid is in its rooms is asked first. */
    NEW,
    JOINING,
    JOINED,
    /** The upstream has let nobody in. */
    REFUSED,
    /**
     * Sent once the link has joined. The upstream runs handlers concurrently, so an earlier leave
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

  /** What the link has not taken yet; fences are left out then. */
  private final Queue<ByteBuffer> unsent = new ArrayDeque<>();

  private State state = State.NEW;
  private long lastFenceAt;
  private long admission;

  /** The last probe behind the join, which the upstream may not know. */
  private long behindJoin;

  /** The probe behind the client's last packet. */
  private long behindPackets;

  private int answeredBehindJoin;
  private long answeredAt;

  /** Upstreams handle calls side by side: their answers come in any order. */
  private final Set<Long> unansweredCalls = new HashSet<>(2);

  FencedLink(LinkFence fence, Link link, EngineConnection connection, Listener listener) {
    this.lastFenceAt = listener.nanoTime();
    this.fence = fence;
    this.link = link;
    this.connection = connection;
    this.listener = listener;
  }

  /** Takes part when the upstream has let the client in. Sent right behind a CONNECT. */
  void joinOnceAdmitted() {
    admission = probe();
  }

  /** Takes part on a link that is in use. */
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

  /** Asks whether the upstream has read what it was sent so far. */
  void ask() {
    behindPackets = probe();
  }

  /** Whether it has. */
  boolean isRead() {
    return !unanswered.contains(behindPackets);
  }

  /** Whether fences can be sent, and come. */
  boolean isJoined() {
    return state == State.JOINED;
  }

  /** Whether none will: the upstream says no, or runs and says nothing. */
  boolean isRefused() {
    return state == State.REFUSED || isJoinIgnored();
  }

  private boolean isJoinIgnored() {
    return state == State.JOINING && answeredBehindJoin >= PROBES && !fence.answersJoins(link);
  }

  /** Sends what is due; the next probe behind the join so long, in nanoseconds, after an answer. */
  void look(long pause) {
    writable();
    boolean answered = state == State.JOINING && !unanswered.contains(behindJoin);
    if (answered && !isJoinIgnored() && listener.nanoTime() - answeredAt >= pause) {
      behindJoin = probe();
    }
  }

  /** Whether a fence would go out at once. */
  boolean isFree() {
    return unsent.isEmpty() && listener.isBetweenPackets() && connection.isFlushed();
  }

  /** Sends a fence; false if the link takes none now. */
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

  /** When it has sent the last one, or was made. */
  long lastFenceAt() {
    return lastFenceAt;
  }

  /** Takes no part any more; what is on its way is taken out yet. */
  void leave() {
    switch (state) {
      case NEW, REFUSED -> state = State.LEAVING;
      case JOINING -> state = State.LEAVING_ONCE_JOINED;
      case JOINED -> sendLeave();
      case LEAVING_ONCE_JOINED, LEAVING, LEFT -> {
        // It is on its way out.
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

  /** Nothing of it comes any more when all calls and fences have been answered. */
  private void endIfLeft() {
    if (state == State.LEAVING && unansweredCalls.isEmpty() && unanswered.isEmpty()) {
      state = State.LEFT;
    }
  }
}
