package dev.holdfast.http;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * In the place of a connection's sink while a request's head has passed and its handler was not
 * called yet. What is written then is an answer of Undertow's own, which nobody would hear of.
 * Confined to its I/O thread.
 */
final class UnservedConduit extends AbstractStreamSinkConduit<StreamSinkConduit> {
  private final Runnable answer;

  /** {@code answer} is given in place of what is written. */
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

  /** Nothing more is asked to be written. */
  @Override
  public void resumeWrites() {}
}
