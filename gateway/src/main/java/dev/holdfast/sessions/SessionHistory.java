package dev.holdfast.sessions;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The history of a session, for operators who ask about its state. Thread-safe. */
public final class SessionHistory {
  private static final String NONE = "none";

  private UpstreamReason choice = UpstreamReason.ONLY_ONE;
  private @Nullable Transport transport;
  private int transports;
  private String lastClose = NONE;
  private String lastResume = NONE;

  /** A client's connection. */
  public interface Transport {
    /** Returns {@code websocket} or {@code polling}, determined on its own thread. */
    CompletionStage<String> kind();

    /** Returns whether it comes through another node. */
    boolean isThroughNode();
  }

  /**
   * A snapshot of the history.
   *
   * @param transports number of transports, including the current one
   * @param lastClose why the previous transport ended
   * @param lastResume the outcome of the client's last attempt to resume
   */
  public record Page(
      UpstreamReason choice,
      boolean throughNode,
      int transports,
      String lastClose,
      String lastResume) {}

  /** Records why the session is on its upstream. */
  public synchronized void chosen(UpstreamReason reason) {
    choice = reason;
  }

  /** Records the client's current transport. */
  public synchronized void opened(Transport present) {
    transport = present;
    transports++;
  }

  /** Records the end of a transport, which may already have been replaced. */
  public synchronized void closed(Transport ended, String reason) {
    lastClose = reason;
    if (ended.equals(transport)) {
      transport = null;
    }
  }

  /** Records the outcome of an attempt to resume. */
  public synchronized void resumed(String result) {
    lastResume = result;
  }

  /** Returns the kind of the current transport; {@code none} without one. */
  public CompletionStage<String> kind() {
    Transport present;
    synchronized (this) {
      present = transport;
    }
    return present == null ? CompletableFuture.completedStage(NONE) : present.kind();
  }

  /** Returns a snapshot. */
  public synchronized Page page() {
    boolean throughNode = transport != null && transport.isThroughNode();
    return new Page(choice, throughNode, transports, lastClose, lastResume);
  }
}
