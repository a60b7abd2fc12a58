package dev.holdfast.engineio;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Timers;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/**
 * The pings of one Engine.IO session, and what a pong to them confirms. While it is spliced, the
 * session's own node pings the client, and its pings and pongs only pass. Confined to the session's
 * thread.
 */
public final class Pings {
  private static final String PING = "2";
  private static final byte[] FRAME = TextFrame.of(PING);

  private final Heartbeat heartbeat;
  private final Predicate<ByteBuffer> carrier;

  /** Bytes that the carrier was given. */
  private long given;

  private long givenAtPing;
  private long confirmed;
  private boolean due;
  private boolean spliced;

  /** Pongs that are still to come, and say nothing to whoever pings now. */
  private int foreignPongs;

  /**
   * No ping leaves before {@link #start}.
   *
   * @param carrier takes whole frames, all or none
   * @param expired what is done when no pong comes
   */
  Pings(Timers timers, Application.Terms terms, Predicate<ByteBuffer> carrier, Runnable expired) {
    this.carrier = carrier;
    this.heartbeat =
        new Heartbeat(timers, terms.pingInterval(), terms.pingTimeout(), this::isTime, expired);
  }

  void start() {
    heartbeat.start();
  }

  void stop() {
    heartbeat.stop();
  }

  /** The client is not read from now on. */
  void pause() {
    heartbeat.pause();
  }

  /** The client is read again. */
  void resume() {
    heartbeat.resume();
  }

  /** The session's own node pings from now on; the pong to a ping of ours is still ours. */
  public void splice() {
    boolean unsent = due;
    due = false;
    spliced = true;
    foreignPongs = heartbeat.end() && !unsent ? 1 : 0;
  }

  /**
   * The session is this node's from now on.
   *
   * @param open pings of its former node that the client has still to answer
   */
  public void unsplice(int open) {
    spliced = false;
    foreignPongs += open;
    heartbeat.start();
  }

  /** Whether a ping has to leave before anything else. */
  boolean isDue() {
    return due;
  }

  private void isTime() {
    if (!due) {
      send();
    }
  }

  /** Sends the ping that is due; false if the carrier takes none now. */
  boolean send() {
    due = !carrier.test(EngineFrames.text(PING));
    givenAtPing = given;
    return !due;
  }

  /** Bytes that the carrier was given so far. */
  long given() {
    return given;
  }

  /** The carrier was given so many bytes. */
  void given(int bytes) {
    given += bytes;
  }

  /**
   * Asks the client to confirm what it was given; see {@link
   * dev.holdfast.session.EngineConnection#ping}.
   */
  public boolean ask() {
    if (heartbeat.mayAsk() && !due) {
      heartbeat.asked();
      send();
    }
    return !due && !heartbeat.mayAsk() && givenAtPing == given;
  }

  /** Whether a ping can leave with these frames, in the room behind them. */
  boolean fitsBehind(ByteBuffer frames) {
    return heartbeat.mayAsk() && !due && frames.capacity() - frames.limit() >= FRAME.length;
  }

  /** Sends frames and a ping behind them in one write; false if the carrier takes none now. */
  boolean sendWith(ByteBuffer frames) {
    int end = frames.limit();
    int bytes = frames.remaining();
    frames.limit(end + FRAME.length).put(end, FRAME);
    if (!carrier.test(frames)) {
      frames.limit(end);
      return false;
    }
    given += bytes;
    givenAtPing = given;
    heartbeat.asked();
    return true;
  }

  /** Whom a pong is for. */
  enum Pong {
    /** It confirms what was given before our last ping. */
    OURS,
    /** It is for the session's own node. */
    PASSED_ON,
    /** It means nothing. */
    NOBODYS
  }

  /** A pong came. A ping that is still to be sent is answered by none. */
  Pong pongReceived() {
    if (foreignPongs > 0) {
      foreignPongs--;
      return Pong.NOBODYS;
    }
    if (spliced) {
      return Pong.PASSED_ON;
    }
    if (due || !heartbeat.pong()) {
      return Pong.NOBODYS;
    }
    // Another ping may leave before anybody asks what this pong confirms.
    confirmed = givenAtPing;
    return Pong.OURS;
  }

  /** What the last pong confirms: the first bytes that the carrier was given. */
  long confirmed() {
    return confirmed;
  }
}
