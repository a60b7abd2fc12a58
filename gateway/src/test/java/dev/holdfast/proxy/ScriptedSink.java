package dev.holdfast.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.xnio.channels.Configurable;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.WriteReadyHandler;

/** Takes as many bytes per write as the test says, and all of them otherwise. */
final class ScriptedSink extends AbstractStreamSinkConduit<StreamSinkConduit> {
  /** The conduit behind it, where nothing happens. */
  private static final StreamSinkConduit NOTHING =
      (StreamSinkConduit)
          Proxy.newProxyInstance(
              ScriptedSink.class.getClassLoader(),
              new Class<?>[] {StreamSinkConduit.class},
              (conduit, method, arguments) ->
                  method.getReturnType() == boolean.class ? Boolean.FALSE : null);

  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private final ArrayDeque<Integer> room = new ArrayDeque<>();
  private int writes;
  private int unflushed;

  ScriptedSink() {
    super(NOTHING);
  }

  /** A channel that writes to it. */
  ConduitStreamSinkChannel channel() {
    return new ConduitStreamSinkChannel(Configurable.EMPTY, this);
  }

  /** The next writes take no more than this, one after the other. */
  ScriptedSink takes(int... bytes) {
    for (int each : bytes) {
      room.addLast(each);
    }
    return this;
  }

  /** The next flush leaves bytes behind. */
  ScriptedSink keepsBytesOnce() {
    unflushed++;
    return this;
  }

  /** What it has taken. */
  String text() {
    return taken.toString(StandardCharsets.ISO_8859_1);
  }

  /** How often something was written to it. */
  int writes() {
    return writes;
  }

  @Override
  public int write(ByteBuffer bytes) {
    return (int) write(new ByteBuffer[] {bytes}, 0, 1);
  }

  @Override
  public long write(ByteBuffer[] buffers, int offset, int length) {
    writes++;
    int most = room.isEmpty() ? Integer.MAX_VALUE : room.removeFirst();
    int count = 0;
    for (int i = offset; i < offset + length; i++) {
      for (; count < most && buffers[i].hasRemaining(); count++) {
        taken.write(buffers[i].get());
      }
    }
    return count;
  }

  @Override
  public boolean flush() throws IOException {
    return unflushed-- <= 0;
  }

  @Override
  public void setWriteReadyHandler(WriteReadyHandler handler) {
    // Nothing happens here by itself.
  }
}
