package dev.holdfast.proxy;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.xnio.channels.Configurable;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.StreamSourceConduit;

/** Gives the bytes of a text, and nothing behind them, not even an end unless the test says so. */
final class ScriptedSource extends AbstractStreamSourceConduit<StreamSourceConduit> {
  /** The conduit behind it, where nothing happens. */
  private static final StreamSourceConduit NOTHING =
      (StreamSourceConduit)
          Proxy.newProxyInstance(
              ScriptedSource.class.getClassLoader(),
              new Class<?>[] {StreamSourceConduit.class},
              (conduit, method, arguments) ->
                  method.getReturnType() == boolean.class ? Boolean.FALSE : null);

  private final ByteBuffer left;
  private int reads;
  private boolean ended;

  ScriptedSource(String text) {
    super(NOTHING);
    left = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A channel that reads from it. */
  ConduitStreamSourceChannel channel() {
    return new ConduitStreamSourceChannel(Configurable.EMPTY, this);
  }

  /** Nothing comes any more, and a reader learns that. */
  void end() {
    ended = true;
  }

  /** How often somebody has read from it. */
  int reads() {
    return reads;
  }

  @Override
  public int read(ByteBuffer into) {
    reads++;
    if (ended && !left.hasRemaining()) {
      return -1;
    }
    int count = Math.min(left.remaining(), into.remaining());
    into.put(left.slice(left.position(), count));
    left.position(left.position() + count);
    return count;
  }

  @Override
  public void setReadReadyHandler(ReadReadyHandler handler) {
    // Nothing happens here by itself.
  }
}
