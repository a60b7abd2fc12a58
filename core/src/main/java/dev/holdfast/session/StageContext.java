package dev.holdfast.session;

import dev.holdfast.session.PacketStage.Direction;
import dev.holdfast.time.Timers;
import java.time.Duration;

/**
 * The session as one of its stages sees it. Packets are texts that begin with the Engine.IO type,
 * such as {@code 42["hello"]}, and have no attachments. Called on the session's thread.
 */
public interface StageContext {
  /** Returns the session's clock and timers. A task that throws removes the stage. */
  Timers timers();

  /** Sets what takes the place of the present packet, which has as many attachments. */
  void replace(byte[] packet);

  /**
   * Suspends a direction for this time at most. A packet that the stage looks at, and lets pass,
   * waits as the first one. The direction continues early if more waits than may wait for one side,
   * or if the side that sends in this direction is lost.
   */
  void suspend(Direction direction, Duration time);

  /** Lets a direction continue that this stage has suspended. */
  void resume(Direction direction);

  /**
   * Sends the client a packet, which gets an offset like those of the upstream. Returns false if
   * that is impossible now: the client is not connected, or the attachments of another packet are
   * awaited.
   */
  boolean sendToClient(byte[] packet);

  /**
   * Sends the upstream a packet. Returns false if that is impossible now: there is no link, other
   * packets wait for it, or the attachments of one are awaited.
   */
  boolean sendToUpstream(byte[] packet);
}
