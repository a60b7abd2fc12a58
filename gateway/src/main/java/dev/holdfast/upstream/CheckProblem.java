package dev.holdfast.upstream;

import dev.holdfast.upstream.UpstreamState.Kind;
import dev.holdfast.wire.DialFailure;
import java.util.concurrent.CompletionException;

/** The reason why a check of an upstream failed. */
final class CheckProblem extends Exception {
  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final boolean declined;

  CheckProblem(Kind kind, String sentence) {
    this(kind, sentence, false);
  }

  private CheckProblem(Kind kind, String sentence, boolean declined) {
    super(sentence);
    this.kind = kind;
    this.declined = declined;
  }

  static CheckProblem of(DialFailure failure) {
    return new CheckProblem(
        Kind.UNREACHABLE,
        switch (failure.reason()) {
          case TLS -> "the TLS handshake failed: " + failure.sentence();
          case UNRESOLVED, UNREACHABLE, TIMEOUT -> failure.sentence();
        });
  }

  static CheckProblem slow() {
    return new CheckProblem(Kind.SLOW, "no answer in time");
  }

  /**
   * Creates the problem of an upstream that answered the WebSocket handshake with a final HTTP
   * response.
   */
  static CheckProblem declined(String sentence) {
    return new CheckProblem(Kind.REFUSING, sentence, true);
  }

  boolean isDeclined() {
    return declined;
  }

  /** Returns the problem that a check's future failed with. */
  static CheckProblem of(Throwable problem) {
    Throwable cause = problem.getCause();
    if (problem instanceof CompletionException && cause != null) {
      return of(cause);
    }
    return problem instanceof CheckProblem known
        ? known
        : new CheckProblem(Kind.REFUSING, "the check failed: " + problem.getMessage());
  }

  UpstreamState state() {
    return new UpstreamState(kind, String.valueOf(getMessage()));
  }
}
