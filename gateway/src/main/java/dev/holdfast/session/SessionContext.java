package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import java.time.Duration;
import java.util.Optional;

/** What a session needs of the node that it lives on. Called on the session's thread. */
public interface SessionContext extends EventAccounting {
  /**
   * Starts the first link. If no upstream is available, the listener learns it after this returns,
   * never before.
   */
  EngineConnection dial(EngineConnection.Listener listener);

  /**
   * Starts a link in place of a lost one, when an upstream is healthy and has a permit. The
   * listener learns of a failure after this returns, never before.
   */
  EngineConnection redial(EngineConnection.Listener listener);

  /**
   * Starts a link to another upstream than the present one, when it has its permit, beside the
   * present link. The listener learns of a failure after this returns, never before.
   */
  EngineConnection move(EngineConnection.Listener listener);

  /** The client has been told of the link that {@link #move} has opened. */
  void overlapping();

  /** Whether the links of a switchover would be fenced. */
  default boolean mayFence() {
    return fence().isPresent();
  }

  /**
   * How the links of a switchover are fenced; empty if the upstreams do not know how. Asked for
   * once a move.
   */
  Optional<LinkFence> fence();

  /** How a switchover has ended. */
  void switchedOver(SwitchoverResult result);

  /**
   * The old link broke, too, behind a switchover that {@link SwitchoverResult#STAYED}: what only
   * the next one had brought was guessed.
   */
  void bothLinksLost();

  /** How a session's switchover to another upstream can end. */
  enum SwitchoverResult {
    /** It was known from where the next link had to go on. */
    ALIGNED("aligned", ""),
    /** The upstreams know no fences; one alignment agreed with time and content. */
    NO_FENCES("unsure", "no-fences"),
    /** It was not known in time, and the best guess was taken; so in those that follow. */
    OUT_OF_TIME("unsure", "overlap"),
    /** More came meanwhile than may be kept. */
    OUT_OF_MEMORY("unsure", "memory"),
    /** The old link ended by itself before it was known. */
    LINK_LOST("unsure", "link-lost"),
    /** The client connected again or left before it was known. */
    CLIENT_LEFT("unsure", "client"),
    /** No other link could be opened; the client knows of nothing. */
    FAILED("failed", ""),
    /** The next link broke, and the client is back where it was. */
    STAYED("stayed", "");

    private final String result;
    private final String reason;

    SwitchoverResult(String result, String reason) {
      this.result = result;
      this.reason = reason;
    }

    /** Whether the session has gone to the next link. */
    boolean isMove() {
      return this != FAILED && this != STAYED;
    }

    /** As metrics say it. */
    public String result() {
      return result;
    }

    /** Why a result is not certain, as metrics say it; empty for others. */
    public String reason() {
      return reason;
    }
  }

  /** The packet that tells the session's next node what it needs to know. */
  byte[] handoffMessage(SessionSnapshot snapshot);

  /** The node of this name goes on with the session, and is found by the pids given so far. */
  void handedOff(String successor);

  /** The client sent {@code user-join}: its token may say who it is. */
  void userJoined(Message event);

  /** The upstream of the present link has let the client in, with this reply to the CONNECT. */
  void admitted(byte[] reply);

  /** The upstream has answered the first CONNECT. */
  void announced();

  /** A new secret by which the client may come back; the session is found by it from now on. */
  String newPid();

  /** One of the pids given so far is worth nothing any more: there are too many later ones. */
  void pidRevoked(String pid);

  /** The pids given so far are worth nothing any more. */
  void pidsRevoked();

  /** Whether whoever asks to resume owns the session. */
  boolean isOwner(ResumeRequest request);

  /** Whether the session may wait for its client, which is gone now. */
  boolean mayPark();

  /** The client is away; the session waits for it. */
  void parked();

  /** So much memory waits for a client that is away. */
  void parkedBytes(long bytes);

  /** The client is back. */
  void unparked();

  /** What the client has missed was sent, so long after its transport was cut. */
  void caughtUp(Duration stall);

  /** A later link has taken over. */
  void relinked();

  /** The outboxes of the process use nearly all the memory they may. */
  void memoryShort();

  /** How often the upstream wants to hear that a client is there; empty if never. */
  Optional<Duration> heartbeatInterval();

  /** The session is over; called once. */
  void ended(CloseReason reason);
}
