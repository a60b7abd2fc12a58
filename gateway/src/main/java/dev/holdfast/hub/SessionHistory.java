package dev.holdfast.hub;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What has happened to a session, for an operator who asks why. Thread-safe. */
public final class SessionHistory {
  private static final String NONE = "none";

  private UpstreamChoice choice = UpstreamChoice.ONLY_ONE;
  private @Nullable Transport transport;
  private int transports;
  private String lastClose = NONE;
  private String lastResume = NONE;

  /** What connects the client now. */
  public interface Transport {
    /** What carries it: {@code websocket} or {@code polling}; asked of its own thread. */
    CompletionStage<String> kind();

    /** Whether it comes through another node. */
    boolean isThroughNode();
  }

  /**
   * What is known at one moment.
   *
   * @param transports how many there were, with the present one
   * @param lastClose why the last but the present one ended
   * @param lastResume how the client's last wish to go on was answered
   */
  public record Page(
      UpstreamChoice choice,
      boolean throughNode,
      int transports,
      String lastClose,
      String lastResume) {}

  /** The session is on its upstream for this reason. */
  public synchronized void chosen(UpstreamChoice reason) {
    choice = reason;
  }

  /** The client is connected by this. */
  public synchronized void opened(Transport present) {
    transport = present;
    transports++;
  }

  /** A transport has ended, perhaps after another one took its place. */
  public synchronized void closed(Transport ended, String reason) {
    lastClose = reason;
    if (ended.equals(transport)) {
      transport = null;
    }
  }

  /** A wish to go on with the session was answered so. */
  public synchronized void resumed(String result) {
    lastResume = result;
  }

  /** What carries the present transport; {@code none} without one. */
  public CompletionStage<String> kind() {
    Transport present;
    synchronized (this) {
      present = transport;
    }
    return present == null ? CompletableFuture.completedStage(NONE) : present.kind();
  }

  /** What is known now. */
  public synchronized Page page() {
    boolean throughNode = transport != null && transport.isThroughNode();
    return new Page(choice, throughNode, transports, lastClose, lastResume);
  }
}
