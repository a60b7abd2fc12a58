package dev.holdfast.http1;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Replaces a connection's sink between the end of a request head and the call of its handler.
 * Anything written then is a response of Undertow's own, which would be neither counted nor logged.
 * Confined to its I/O thread.
 */
final class UnservedConduit extends AbstractStreamSinkConduit<StreamSinkConduit> {
  private final Runnable answer;

  /** Creates a sink that runs {@code answer} instead of each write. */
  UnservedConduit(StreamSinkConduit next, Runnable answer) {
    super(next);
    this.answer = answer;
  }

  @Override
  public int write(ByteBuffer bytes) {
    answer.run();
    return 0;
  }

  @Override
  public long write(ByteBuffer[] bytes, int offset, int length) {
    answer.run();
    return 0;
  }

  @Override
  public int writeFinal(ByteBuffer bytes) {
    return write(bytes);
  }

  @Override
  public long writeFinal(ByteBuffer[] bytes, int offset, int length) {
    return write(bytes, offset, length);
  }

  @Override
  public long transferFrom(FileChannel source, long position, long count) {
    answer.run();
    return 0;
  }

  @Override
  public long transferFrom(StreamSourceChannel source, long count, ByteBuffer through) {
    answer.run();
    return 0;
  }

  /** Does nothing, as no further writes are expected. */
  @Override
  public void resumeWrites() {}
}
