package dev.holdfast.upstream;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.upstream.UpstreamState.Kind;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** What the exceptions of the JDK's HTTP client say about an upstream. Stateless. */
final class CheckProblem {
  private CheckProblem() {}

  static UpstreamState state(Throwable problem) {
    Throwable cause = cause(problem);
    if (cause instanceof HttpConnectTimeoutException) {
      return new UpstreamState(Kind.UNREACHABLE, "no connection in time");
    }
    if (cause instanceof HttpTimeoutException || cause instanceof TimeoutException) {
      return new UpstreamState(Kind.SLOW, "no answer in time");
    }
    if (cause instanceof ConnectException) {
      boolean unknown = hasCause(cause, UnresolvedAddressException.class);
      return new UpstreamState(
          Kind.UNREACHABLE, unknown ? "its host name is not known" : "connection refused");
    }
    if (cause instanceof SSLException) {
      return new UpstreamState(Kind.UNREACHABLE, "the TLS handshake failed: " + cause.getMessage());
    }
    return new UpstreamState(
        Kind.REFUSING,
        cause instanceof ProtocolException
            ? String.valueOf(cause.getMessage())
            : "no HTTP answer: " + cause.getMessage());
  }

  static Throwable cause(Throwable problem) {
    Throwable cause = problem.getCause();
    return problem instanceof CompletionException && cause != null ? cause(cause) : problem;
  }

  private static boolean hasCause(Throwable problem, Class<? extends Throwable> type) {
    for (Throwable each = problem; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return true;
      }
    }
    return false;
  }
}
