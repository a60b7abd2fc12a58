package dev.holdfast.wire;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.time.EventLoop;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A connection for one WebSocket, whose peer is the test. Confined to one thread. */
public final class ManualConnection extends QuietConnection {
  private final boolean masked;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private ByteBuffer incoming = ByteBuffer.allocate(0);
  private @Nullable Listener listener;
  private int room = Integer.MAX_VALUE;

  /** {@code masked}: whether what is written to it is a client's. */
  public ManualConnection(EventLoop loop, boolean masked) {
    super(loop);
    this.masked = masked;
  }

  private Listener heard() {
    return Objects.requireNonNull(listener);
  }

  /** The peer has sent this. */
  public void receive(byte[] frames) {
    incoming = ByteBuffer.wrap(frames);
    heard().readable();
  }

  /** The peer takes so many bytes from now on. */
  public void room(int bytes) {
    room = bytes;
  }

  /** The peer takes everything again. */
  public void takeAll() {
    takeAgain(Integer.MAX_VALUE);
  }

  /** The peer takes so many bytes more. */
  public void takeAgain(int bytes) {
    room = bytes;
    heard().writable();
  }

  /** It is lost. */
  public void lose() {
    heard().closed();
  }

  /** Whether the peer is read. */
  public boolean isReading() {
    return isReadResumed();
  }

  /** The whole frames that the peer has got: texts, and the codes of close frames. */
  public List<String> sent() {
    ByteBuffer frames = ByteBuffer.wrap(written.toByteArray());
    FrameHeader header = new FrameHeader();
    List<String> sent = new ArrayList<>();
    int index = 0;
    try {
      while (header.read(frames, index, frames.limit(), masked) && header.end() <= frames.limit()) {
        byte[] payload = new byte[(int) header.length()];
        frames.get(header.payload(), payload);
        Mask.apply(ByteBuffer.wrap(payload), 0, payload.length, header.maskKey());
        sent.add(
            header.opcode() == Opcode.CLOSE
                ? "close " + ByteBuffer.wrap(payload).getShort()
                : new String(payload, StandardCharsets.UTF_8));
        index = (int) header.end();
      }
    } catch (ProtocolException e) {
      throw new AssertionError("the peer was sent what is no frame", e);
    }
    return sent;
  }

  @Override
  public void listener(Listener next) {
    listener = next;
  }

  @Override
  public int read(ByteBuffer target) {
    int count = incoming.remaining();
    target.put(incoming);
    return count;
  }

  @Override
  public int write(ByteBuffer source) {
    int count = Math.min(room, source.remaining());
    byte[] bytes = new byte[count];
    source.get(bytes);
    written.writeBytes(bytes);
    room -= count;
    return count;
  }
}
