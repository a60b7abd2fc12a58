package dev.holdfast.simulation;

import dev.holdfast.wire.ByteConnection;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One end of a simulated connection. */
final class SimulatedConnection implements ByteConnection {
  private static final Listener NOBODY =
      new Listener() {
        @Override
        public void readable() {}

        @Override
        public void writable() {}

        @Override
        public void closed() {}
      };

  private final SimulatedLoop loop;
  private final Pipe in;
  private final Pipe out;
  private final Fault fault = new Fault();
  private Listener listener = NOBODY;
  private Runnable onClose = () -> {};
  private boolean reads;
  private boolean writes;
  private boolean wakened;
  private boolean reset;
  private boolean closed;

  SimulatedConnection(SimulatedLoop loop, Pipe in, Pipe out) {
    this.loop = loop;
    this.in = in;
    this.out = out;
  }

  Pipe in() {
    return in;
  }

  Pipe out() {
    return out;
  }

  /** Says what happens when this end is closed. */
  void onClose(Runnable action) {
    onClose = action;
  }

  boolean isClosed() {
    return closed;
  }

  /** What its process does with it may throw. */
  Fault fault() {
    return fault;
  }

  /** Something has changed. */
  void wake() {
    if (!closed && isReady()) {
      loop.ready(this);
    }
  }

  private boolean isReady() {
    return wakened || (reads && (reset || in.isReadable())) || (writes && (reset || out.takes()));
  }

  /** The other end has reset the connection, or somebody between the two. */
  void reset() {
    if (!closed) {
      reset = true;
      wake();
    }
  }

  /** Its event loop has found it ready. */
  void handle() {
    if (!closed && (wakened || (reads && (reset || in.isReadable())))) {
      wakened = false;
      listener.readable();
    }
    if (!closed && writes && (reset || out.takes())) {
      listener.writable();
    }
    wake();
  }

  @Override
  public SimulatedLoop loop() {
    return loop;
  }

  @Override
  public void listener(Listener told) {
    injector().at(Injector.Place.LISTEN);
    listener = told;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    injector().atIo(Injector.Place.READ);
    fault.count();
    check();
    return in.read(target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    injector().atIo(Injector.Place.WRITE);
    fault.count();
    if (reset && !closed) {
      // Given to a connection that is already broken: no more lost than what is on its way there.
      out.waste(source);
    }
    check();
    return out.write(source);
  }

  private void check() throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    if (reset) {
      throw new IOException("Connection reset by peer");
    }
  }

  @Override
  public boolean flush() throws IOException {
    injector().atIo(Injector.Place.FLUSH);
    return true;
  }

  @Override
  public void shutdownWrites() throws IOException {
    injector().atIo(Injector.Place.SHUTDOWN_WRITES);
    out.end();
  }

  @Override
  public void suspendReads() {
    injector().at(Injector.Place.SUSPEND_READS);
    reads = false;
  }

  @Override
  public void resumeReads() {
    injector().at(Injector.Place.RESUME_READS);
    reads = true;
    wake();
  }

  @Override
  public boolean isReadResumed() {
    return reads;
  }

  @Override
  public void wakeupReads() {
    injector().at(Injector.Place.WAKEUP_READS);
    wakened = true;
    wake();
  }

  @Override
  public void suspendWrites() {
    injector().at(Injector.Place.SUSPEND_WRITES);
    writes = false;
  }

  @Override
  public void resumeWrites() {
    injector().at(Injector.Place.RESUME_WRITES);
    writes = true;
    wake();
  }

  @Override
  public boolean readsAhead() {
    return false;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      onClose.run();
      listener.closed();
      // Whatever is thrown then, the connection is closed, as XNIO's is.
      injector().at(Injector.Place.CLOSE);
    }
  }

  private Injector injector() {
    return loop.world().injector();
  }
}
