package dev.holdfast.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The services that a session needs from its node. Called on the session's thread. */
public interface SessionContext extends EventAccounting {
  /** Returns the stages that packets pass, in order. Called once, before all other methods. */
  List<PacketStage> stages();

  /** Reports that the stage with this name was removed because it threw. */
  void stageFailed(String stage);

  /**
   * Opens the first link. If no upstream is available, the listener is notified after this method
   * returns, never before.
   */
  EngineConnection dial(EngineConnection.Listener listener);

  /**
   * Opens a link to replace a lost one, once an upstream is healthy and has a permit. The listener
   * is notified of a failure after this method returns, never before.
   */
  EngineConnection redial(EngineConnection.Listener listener);

  /**
   * Opens a link to another upstream beside the present link, once it has a permit. The listener is
   * notified of a failure after this method returns, never before.
   */
  EngineConnection move(EngineConnection.Listener listener);

  /** Reports that the client was sent the CONNECT reply of the link that {@link #move} opened. */
  void overlapping();

  /** Returns whether a switchover would fence its links. */
  default boolean mayFence() {
    return fence().isPresent();
  }

  /**
   * Returns how a switchover fences its links; empty if the upstreams do not support fences. Called
   * once per move.
   */
  Optional<LinkFence> fence();

  /** Reports the result of a switchover. */
  void switchedOver(SwitchoverResult result);

  /**
   * Reports that the old link broke after a switchover that {@link SwitchoverResult#STAYED}. Which
   * events only the next link had delivered was a guess.
   */
  void bothLinksLost();

  /** The possible results of a switchover to another upstream. */
  enum SwitchoverResult {
    /** The position at which the next link continues was certain. */
    ALIGNED("aligned", ""),
    /** The upstreams support no fences; exactly one alignment agreed with time and content. */
    NO_FENCES("unsure", "no-fences"),
    /**
     * The position was not certain in time; the best guess was used, as in the next three results.
     */
    OUT_OF_TIME("unsure", "overlap"),
    /** More data arrived during the overlap than may be buffered. */
    OUT_OF_MEMORY("unsure", "memory"),
    /** The old link ended by itself before the position was certain. */
    LINK_LOST("unsure", "link-lost"),
    /** The client connected again or left before the position was certain. */
    CLIENT_LEFT("unsure", "client"),
    /** No other link could be opened; the client did not notice. */
    FAILED("failed", ""),
    /** The next link broke; the client is back on the old one. */
    STAYED("stayed", "");

    private final String result;
    private final String reason;

    SwitchoverResult(String result, String reason) {
      this.result = result;
      this.reason = reason;
    }

    /** Returns whether the session has moved to the next link. */
    boolean isMove() {
      return this != FAILED && this != STAYED;
    }

    /** Returns the value of the metric label for the result. */
    public String result() {
      return result;
    }

    /** Returns the metric label for why a result is uncertain; empty for other results. */
    public String reason() {
      return reason;
    }
  }

  /** Returns the packet that carries the snapshot to the session's next node. */
  byte[] handoffMessage(SessionSnapshot snapshot);

  /**
   * Reports that the named node continues the session. That node is found by the pids issued so
   * far.
   */
  void handedOff(String successor);

  /**
   * Reports that the upstream of the present link accepted the client.
   *
   * @param reply payload of its CONNECT reply
   */
  void admitted(byte[] reply);

  /** Reports that the upstream has answered the first CONNECT. */
  void announced();

  /**
   * Issues a new pid, the secret by which the client may resume. The session can be found by it
   * from now on.
   */
  String newPid();

  /** Invalidates one pid because too many later ones exist. */
  void pidRevoked(String pid);

  /** Invalidates every pid issued so far. */
  void pidsRevoked();

  /** Returns whether the sender of the request owns the session. */
  boolean isOwner(ResumeRequest request);

  /** Returns whether the session may wait for its client, whose transport is gone. */
  boolean mayPark();

  /** Reports that the client is away and the session waits for it. */
  void parked();

  /** Reports how much memory, in bytes, is held for a client that is away. */
  void parkedBytes(long bytes);

  /** Reports that the client is back, or that the session has ended while it was away. */
  void unparked();

  /**
   * Reports that everything the client missed was sent.
   *
   * @param stall time since its former transport was lost
   */
  void caughtUp(Duration stall);

  /** Reports that a new link has replaced a lost one. */
  void relinked();

  /** Reports that the outboxes of the process have almost reached their memory limit. */
  void memoryShort();

  /** Returns what merges events that wait for a client that is away; empty if none are merged. */
  default Optional<Compactor> compactor() {
    return Optional.empty();
  }

  /** Reports the end of the session. Called once. */
  void ended(CloseReason reason);
}
