package dev.holdfast.session;

import dev.holdfast.protocol.FrameHeader;
import dev.holdfast.protocol.Mask;
import dev.holdfast.protocol.Opcode;
import dev.holdfast.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A side of a session that remembers what it was given. */
final class FakeConnection implements EngineConnection {
  private final boolean masked;
  final List<String> packets = new ArrayList<>();
  final List<byte[]> writes = new ArrayList<>();
  Optional<CloseReason> closed = Optional.empty();
  Optional<String> successor = Optional.empty();
  boolean taking = true;
  boolean reading = true;
  boolean failing;
  boolean failsToClose;
  boolean takesLast;
  int most = Integer.MAX_VALUE;
  private final PauseReasons pauses = new PauseReasons();
  int pings;
  long given;

  /** {@code masked}: whether it is given a client's frames. */
  FakeConnection(boolean masked) {
    this.masked = masked;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    if (failing) {
      throw new IllegalStateException("a fault of the network");
    }
    if (!taking || writes.size() == most) {
      return false;
    }
    take(frames);
    return true;
  }

  @Override
  public boolean sendLast(ByteBuffer frames) {
    if (takesLast) {
      take(frames);
    }
    return takesLast;
  }

  private void take(ByteBuffer frames) {
    byte[] bytes = new byte[frames.remaining()];
    frames.get(bytes);
    writes.add(bytes);
    given += bytes.length;
    read(ByteBuffer.wrap(bytes));
  }

  void forget() {
    packets.clear();
    writes.clear();
  }

  private void read(ByteBuffer frames) {
    FrameHeader header = new FrameHeader();
    int index = 0;
    try {
      while (header.read(frames, index, frames.limit(), masked)) {
        byte[] payload = new byte[(int) header.length()];
        frames.get(header.payload(), payload);
        Mask.apply(ByteBuffer.wrap(payload), 0, payload.length, header.maskKey());
        String text = new String(payload, StandardCharsets.UTF_8);
        packets.add(header.opcode() == Opcode.TEXT ? text : "<" + text + ">");
        index = (int) header.end();
      }
    } catch (ProtocolException e) {
      throw new AssertionError("a connection was given what is no frame", e);
    }
    if (index != frames.limit()) {
      throw new AssertionError("a connection was given part of a frame");
    }
  }

  @Override
  public boolean isFlushed() {
    return taking;
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
    pings++;
    return true;
  }

  @Override
  public Optional<String> successor() {
    return successor;
  }

  @Override
  public void close(CloseReason reason) {
    if (closed.isPresent()) {
      throw new AssertionError("closed twice: " + closed.get() + ", " + reason);
    }
    closed = Optional.of(reason);
    if (failsToClose) {
      throw new IllegalStateException("a fault of the network");
    }
  }
}
