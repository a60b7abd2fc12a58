package dev.holdfast.engineio;

import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.Timers;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/**
 * The pings of one Engine.IO session, and what their pongs confirm. During a splice, the session's
 * own node pings the client, and its pings and pongs are passed through. Confined to the session's
 * thread.
 */
public final class Pings {
  private static final String PING = "2";
  private static final byte[] FRAME = TextFrame.of(PING);

  private final Heartbeat heartbeat;
  private final Predicate<ByteBuffer> carrier;

  /** Bytes that the carrier has accepted. */
  private long given;

  private long givenAtPing;
  private long confirmed;
  private boolean due;
  private boolean spliced;

  /** Outstanding pongs to pings of the node that pinged before; they are ignored. */
  private int foreignPongs;

  /**
   * Creates an instance that sends no ping before {@link #start}.
   *
   * @param carrier accepts complete frames, all or none
   * @param expired runs if no pong arrives in time
   */
  Pings(Timers timers, Application.Terms terms, Predicate<ByteBuffer> carrier, Runnable expired) {
    this.carrier = carrier;
    this.heartbeat =
        new Heartbeat(timers, terms.pingInterval(), terms.pingTimeout(), this::isTime, expired);
  }

  /** Starts the heartbeat. */
  void start() {
    heartbeat.start();
  }

  /** Stops the heartbeat. */
  void stop() {
    heartbeat.stop();
  }

  /** Suspends the pong deadline while the client is not read. */
  void pause() {
    heartbeat.pause();
  }

  /** Restarts the pong deadline, as the client is read again. */
  void resume() {
    heartbeat.resume();
  }

  /**
   * Leaves pinging to the session's own node. The pong to an outstanding ping is not passed
   * through.
   */
  public void splice() {
    boolean unsent = due;
    due = false;
    spliced = true;
    foreignPongs = heartbeat.end() && !unsent ? 1 : 0;
  }

  /**
   * Resumes pinging, because this node has taken the session over.
   *
   * @param open outstanding pings of its former node
   */
  public void unsplice(int open) {
    spliced = false;
    foreignPongs += open;
    heartbeat.start();
  }

  /** Returns whether a ping must be sent before anything else. */
  boolean isDue() {
    return due;
  }

  private void isTime() {
    if (!due) {
      send();
    }
  }

  /** Sends a ping; false if the carrier accepts none now, so that it stays due. */
  boolean send() {
    due = !carrier.test(EngineFrames.text(PING));
    givenAtPing = given;
    return !due;
  }

  /** Returns the number of bytes that the carrier has accepted. */
  long given() {
    return given;
  }

  /** Adds to the number of bytes that the carrier has accepted. */
  void given(int bytes) {
    given += bytes;
  }

  /**
   * Asks the client to confirm what was sent; see {@link
   * dev.holdfast.session.EngineConnection#ping}.
   */
  public boolean ask() {
    if (heartbeat.mayAsk() && !due) {
      heartbeat.asked();
      send();
    }
    return !due && !heartbeat.mayAsk() && givenAtPing == given;
  }

  /** Returns whether a ping may be appended to these frames and fits into their buffer. */
  boolean fitsBehind(ByteBuffer frames) {
    return heartbeat.mayAsk() && !due && frames.capacity() - frames.limit() >= FRAME.length;
  }

  /** Sends frames and a ping in one write; returns false if the carrier accepts none now. */
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

  /** What a pong is for. */
  enum Pong {
    /** Confirms the bytes that were sent before the last ping. */
    OURS,
    /** Answers a ping of the session's own node, to which it is passed through. */
    PASSED_ON,
    /** Is ignored. */
    NOBODYS
  }

  /**
   * Handles a pong and returns what it is for. A pong cannot answer a ping that is still unsent.
   */
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
    // Another ping may be sent before the caller reads what this pong confirms.
    confirmed = givenAtPing;
    return Pong.OURS;
  }

  /** Returns the number of bytes, from the first, that the last pong confirms. */
  long confirmed() {
    return confirmed;
  }
}
