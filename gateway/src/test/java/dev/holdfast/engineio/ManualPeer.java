package dev.holdfast.engineio;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.ManualLoop;
import dev.holdfast.wire.ByteConnection;
import dev.holdfast.wire.QuietConnection;
import dev.holdfast.wire.WebSocketConnector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The server of one WebSocket, with the client's connection and event loop, step by step. */
public final class ManualPeer implements WebSocketConnector {
  /** An Engine.IO open packet that announces 45 seconds as the longest silence. */
  public static final String OPEN = "0{\"sid\":\"s\",\"pingInterval\":25000,\"pingTimeout\":20000}";

  private final ManualLoop loop = new ManualLoop();
  private final Connection connection = new Connection();
  private final Set<Fault> faults = EnumSet.noneOf(Fault.class);
  private final List<String> sent = new ArrayList<>();
  private ByteBuffer unread = ByteBuffer.allocate(0);
  private @Nullable Outcome outcome;
  private ByteConnection.@Nullable Listener listener;
  private boolean connected;
  private boolean open = true;
  private boolean cancelled;
  private boolean failsAtOnce;
  private boolean full;
  private boolean reads;
  private boolean writes;

  /** The call that throws. */
  public enum Fault {
    OPEN,
    LISTEN,
    READ
  }

  /** From now on this call throws. */
  public void failAt(Fault fault) {
    faults.add(fault);
  }

  /** The attempt fails before {@link #open} returns, as one to an unknown host does. */
  void failAtOnce() {
    failsAtOnce = true;
  }

  private void pass(Fault place) {
    if (faults.contains(place)) {
      throw new IllegalStateException("a fault at " + place);
    }
  }

  /** The client's event loop. */
  public EventLoop loop() {
    return loop;
  }

  /** Runs the tasks that wait. */
  public void run() {
    loop.run();
  }

  void passTime(Duration duration) {
    loop.timers().pass(duration);
    run();
  }

  int timers() {
    return loop.timers().waiting();
  }

  @Override
  public Attempt open(EventLoop loop, Duration limit, Outcome told) {
    pass(Fault.OPEN);
    outcome = told;
    if (failsAtOnce) {
      told.failed("label", "a sentence", false);
    }
    return new Attempt() {
      @Override
      public boolean wasConnected() {
        return connected;
      }

      @Override
      public void cancel() {
        cancelled = true;
      }
    };
  }

  /** Whether the client has not closed the connection. */
  boolean isOpen() {
    return open;
  }

  boolean isDialled() {
    return outcome != null;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** The handshake succeeds. */
  public void upgrade() {
    connected = true;
    Objects.requireNonNull(outcome).upgraded(connection, ByteBuffer.allocate(0));
    run();
  }

  /** The attempt fails, with or without a connection. */
  public void fail(boolean withConnection, boolean refused) {
    connected = withConnection;
    Objects.requireNonNull(outcome).failed("label", "a sentence", refused);
    run();
  }

  /** The client receives text messages with one read. */
  public void say(String... packets) {
    ByteBuffer all = ByteBuffer.allocate(64 * 1024);
    for (String packet : packets) {
      all.put(TextFrame.of(packet));
    }
    arrive(all.flip());
  }

  /** The client receives the first half of a message. */
  void sayHalf(String packet) {
    byte[] frame = TextFrame.of(packet);
    arrive(ByteBuffer.wrap(frame, 0, frame.length / 2));
  }

  void sayBinary(byte[] payload) {
    frame(Opcode.BINARY, payload);
  }

  void ping(String payload) {
    frame(Opcode.PING, payload.getBytes(StandardCharsets.US_ASCII));
  }

  /** The client receives a close frame. */
  public void close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
    frame(
        Opcode.CLOSE,
        ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  /** The connection breaks. */
  void lose() {
    Objects.requireNonNull(listener).closed();
    run();
  }

  private void frame(int opcode, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.MAX_BYTES + payload.length);
    FrameHeader.write(frame, opcode, payload.length);
    arrive(frame.put(payload).flip());
  }

  private void arrive(ByteBuffer bytes) {
    unread =
        ByteBuffer.allocate(unread.remaining() + bytes.remaining()).put(unread).put(bytes).flip();
    deliver();
    run();
  }

  private void deliver() {
    if (reads && unread.hasRemaining()) {
      Objects.requireNonNull(listener).readable();
    }
  }

  /** The network takes nothing, until {@link #drain}. */
  void fill() {
    full = true;
  }

  void drain() {
    full = false;
    if (writes) {
      Objects.requireNonNull(listener).writable();
    }
    run();
  }

  /** The frames that the client has sent, such as {@code text:3} and {@code close:1000 bye}. */
  List<String> sent() {
    return List.copyOf(sent);
  }

  private void take(ByteBuffer bytes) {
    FrameHeader header = new FrameHeader();
    int index = 0;
    try {
      while (header.read(bytes, index, bytes.limit(), true)) {
        byte[] payload = new byte[(int) header.length()];
        bytes.get(header.payload(), payload);
        Mask.apply(ByteBuffer.wrap(payload), 0, payload.length, header.maskKey());
        sent.add(word(header.opcode(), payload));
        index = (int) header.end();
      }
    } catch (ProtocolException malformed) {
      throw new AssertionError(malformed);
    }
  }

  private static String word(int opcode, byte[] payload) {
    String text = new String(payload, StandardCharsets.US_ASCII);
    return switch (opcode) {
      case Opcode.TEXT -> "text:" + text;
      case Opcode.PONG -> "pong:" + text;
      case Opcode.CLOSE ->
          ("close:" + (ByteBuffer.wrap(payload).getShort() & 0xFFFF) + " " + text.substring(2))
              .strip();
      default -> throw new AssertionError("a client sent the opcode " + opcode);
    };
  }

  private final class Connection extends QuietConnection {
    Connection() {
      super(loop);
    }

    @Override
    public void listener(Listener told) {
      pass(Fault.LISTEN);
      listener = told;
    }

    @Override
    public int read(ByteBuffer target) {
      pass(Fault.READ);
      int count = Math.min(unread.remaining(), target.remaining());
      target.put(unread.slice(unread.position(), count));
      unread.position(unread.position() + count);
      return count;
    }

    @Override
    public int write(ByteBuffer source) {
      if (full) {
        return 0;
      }
      int count = source.remaining();
      take(source.slice());
      source.position(source.limit());
      return count;
    }

    @Override
    public void suspendReads() {
      reads = false;
    }

    @Override
    public void resumeReads() {
      reads = true;
      loop.execute(ManualPeer.this::deliver);
    }

    @Override
    public boolean isReadResumed() {
      return reads;
    }

    @Override
    public void suspendWrites() {
      writes = false;
    }

    @Override
    public void resumeWrites() {
      writes = true;
    }

    @Override
    public void close() {
      open = false;
      reads = false;
      writes = false;
    }
  }
}
