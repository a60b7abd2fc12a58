package dev.holdfast.session;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A connection of the simulated client: bytes on their way in both directions. */
final class ModelTransport implements EngineConnection {
  /** A message of the client; or a PONG, which says how many bytes it has handled. */
  record Upward(String packet, long handled) {}

  private static final int HEADER_BYTES = 2;

  /** Which connection of the client it is. */
  final int number;

  /** What the client has sent. */
  final Deque<Upward> upward = new ArrayDeque<>();

  /** Whether the session may use it. */
  boolean openForSession = true;

  /** Whether the client has it. */
  boolean openForClient = true;

  boolean taking = true;
  boolean reading = true;
  private final PauseReasons pauses = new PauseReasons();

  /** Whether a packet was handled that the client had not seen on an earlier connection. */
  boolean broughtNews;

  /** The last event without ack id that the client has handled; -1 if none. */
  int last = -1;

  boolean replied;
  EngineConnection.@Nullable Listener listener;
  private byte[] bytes = new byte[1024];
  private int given;
  private int handled;
  private int limit = Integer.MAX_VALUE;
  private long pingAt = -1;
  private final FrameHeader frame = new FrameHeader();

  ModelTransport(int number) {
    this.number = number;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    check(openForSession, "a closed transport was given something");
    if (!taking) {
      return false;
    }
    int length = frames.remaining();
    if (given + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * (given + length));
    }
    frames.get(bytes, given, length);
    given += length;
    return true;
  }

  @Override
  public void pauseReads(PauseReason reason) {
    pauses.add(reason);
    reading = false;
  }

  @Override
  public void resumeReads(PauseReason reason) {
    pauses.remove(reason);
    reading = !pauses.areAny();
  }

  @Override
  public boolean ping() {
    if (pingAt < 0) {
      pingAt = given;
    }
    return pingAt == given;
  }

  @Override
  public void close(CloseReason reason) {
    check(openForSession, "a transport was closed twice");
    openForSession = false;
  }

  /** Bytes that the client has not handled yet. */
  int pending() {
    return given - handled;
  }

  /** Only so many more bytes reach the client. */
  void cutAfter(int more) {
    limit = handled + more;
  }

  /** The next message for the client, in angle brackets if it is binary; null if none has come. */
  @Nullable String next() {
    pong();
    int end = Math.min(given, limit);
    if (end - handled < HEADER_BYTES) {
      return null;
    }
    try {
      if (!frame.read(ByteBuffer.wrap(bytes), handled, end, false)) {
        return null;
      }
    } catch (ProtocolException e) {
      throw new AssertionError("a transport was given what is no frame", e);
    }
    String text =
        new String(bytes, frame.payload(), (int) frame.length(), StandardCharsets.ISO_8859_1);
    handled = (int) frame.end();
    return frame.opcode() == Opcode.TEXT ? text : "<" + text + ">";
  }

  /** A PONG follows when everything before its PING has been handled. */
  void pong() {
    if (pingAt >= 0 && handled >= pingAt && handled <= limit) {
      upward.add(new Upward("", pingAt));
      pingAt = -1;
    }
  }

  static void check(boolean holds, String fault) {
    if (!holds) {
      throw new AssertionError(fault);
    }
  }
}
