package dev.holdfast.upstream;

import dev.holdfast.http1.ChunkDecoder;
import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.Timers.ScheduledTask;
import dev.holdfast.upstream.UpstreamState.Kind;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import dev.holdfast.wire.XnioConnection;
import dev.holdfast.wire.XnioEventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioIoThread;

/**
 * One GET request on its own connection, dialled like those of links and clients. Confined to its
 * I/O thread.
 */
final class HttpGet implements ConnectCallback {
  /** Ample for Open WebUI's config page, which has a few thousand bytes. */
  static final int MAX_BODY = 1024 * 1024;

  private static final int MAX_HEAD = 16 * 1024;
  private static final int OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;
  private static final int LENGTH_DIGITS = 9;

  /** Marks a body that is delimited by the end of the connection. */
  private static final int UNTIL_CLOSE = -1;

  /** The status and body of a response. */
  record Answer(int status, String body) {}

  private final CompletableFuture<Answer> result = new CompletableFuture<>();
  private final ByteBuffer request;
  private final Duration limit;
  private final HttpResponseHead.Search search = new HttpResponseHead.Search();
  private final ByteBuffer in = ByteBuffer.allocate(MAX_HEAD);
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private @Nullable StreamConnection connection;
  private @Nullable HttpResponseHead head;
  private @Nullable ChunkDecoder chunks;
  private int length;

  private HttpGet(byte[] request, Duration limit) {
    this.request = ByteBuffer.wrap(request);
    this.limit = limit;
  }

  /**
   * Sends a request, which must ask for the connection to be closed. The future fails with a {@link
   * CheckProblem}.
   *
   * @param limit from the connection to the end of the response
   */
  static CompletableFuture<Answer> send(
      Dialer dialer, XnioIoThread thread, byte[] request, Duration limit) {
    HttpGet get = new HttpGet(request, limit);
    dialer.dial(thread, get);
    return get.result;
  }

  @Override
  public void failed(DialFailure failure) {
    result.completeExceptionally(CheckProblem.of(failure));
  }

  @Override
  public void connected(StreamConnection opened) {
    connection = opened;
    ScheduledTask timer =
        new XnioEventLoop(opened.getIoThread()).after(limit, () -> fail(CheckProblem.slow()));
    var unused = result.whenComplete((answer, problem) -> timer.cancel());
    opened.getSinkChannel().setWriteListener(channel -> write(opened));
    opened.getSourceChannel().setReadListener(channel -> read(opened));
    opened.setCloseListener(channel -> ended());
    write(opened);
    opened.getSourceChannel().resumeReads();
  }

  private void write(StreamConnection opened) {
    try {
      XnioConnection.write(request, opened.getSinkChannel());
    } catch (IOException broken) {
      fail(refusing("no HTTP answer: " + broken.getMessage()));
    }
  }

  private void read(StreamConnection opened) {
    try {
      int count = opened.getSourceChannel().read(in);
      while (count > 0 && !result.isDone()) {
        parse();
        count = opened.getSourceChannel().read(in);
      }
      if (count < 0) {
        ended();
      }
    } catch (IOException | ProtocolException problem) {
      fail(refusing("no HTTP answer: " + problem.getMessage()));
    }
  }

  private void parse() throws ProtocolException {
    int from = 0;
    while (head == null) {
      HttpResponseHead found = search.parse(in, from, in.position(), MAX_HEAD);
      if (found == null && from == 0 && !in.hasRemaining()) {
        throw new ProtocolException("response head is larger than " + MAX_HEAD + " bytes");
      }
      if (found == null) {
        in.limit(in.position()).position(from).compact();
        return;
      }
      from = found.end();
      if (found.status() >= OK) {
        head = found;
        begin(found);
      }
    }
    add(from, in.position());
    in.clear();
  }

  private void begin(HttpResponseHead found) throws ProtocolException {
    boolean none = found.status() == NO_CONTENT || found.status() == NOT_MODIFIED;
    if (found.first("Transfer-Encoding").isPresent() && !none) {
      chunks = new ChunkDecoder();
    }
    String stated = found.first("Content-Length").orElse("");
    boolean number =
        !stated.isEmpty()
            && stated.length() <= LENGTH_DIGITS
            && stated.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!stated.isEmpty() && !number) {
      throw new ProtocolException("its Content-Length is " + stated);
    }
    length = none ? 0 : number ? Integer.parseInt(stated) : UNTIL_CLOSE;
  }

  private void add(int from, int to) throws ProtocolException {
    int count = chunks == null ? to - from : chunks.decode(in, from, to);
    boolean measured = chunks == null && length != UNTIL_CLOSE;
    body.write(in.array(), from, measured ? Math.min(count, length - body.size()) : count);
    if (body.size() > MAX_BODY) {
      throw new ProtocolException("its body is larger than " + MAX_BODY + " bytes");
    }
    if (measured ? body.size() == length : chunks != null && chunks.finished()) {
      finish();
    }
  }

  private void ended() {
    if (head != null && chunks == null && length == UNTIL_CLOSE) {
      finish();
    } else {
      fail(refusing("no HTTP answer: closed before its end"));
    }
  }

  private void finish() {
    if (head != null) {
      result.complete(new Answer(head.status(), body.toString(StandardCharsets.UTF_8)));
    }
    IoUtils.safeClose(connection);
  }

  private void fail(CheckProblem problem) {
    result.completeExceptionally(problem);
    IoUtils.safeClose(connection);
  }

  private static CheckProblem refusing(String sentence) {
    return new CheckProblem(Kind.REFUSING, sentence);
  }
}
