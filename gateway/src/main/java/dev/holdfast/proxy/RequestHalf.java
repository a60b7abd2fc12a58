package dev.holdfast.proxy;

import dev.holdfast.time.SteadyClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.ConduitStreamSinkChannel;

/** Sends a request from the client to the backend. Confined to its I/O thread. */
final class RequestHalf {
  /** The outcome of an attempt to send. */
  enum Outcome {
    GOING_ON,
    SENT,
    UNREADABLE,
    BACKEND_BROKEN
  }

  private final ClientSide client;
  private final Framing body;
  private @Nullable Pump pump;
  private @Nullable UpstreamConnection backend;
  private boolean done;
  private boolean broken;

  /** The wait for the body. */
  private final ClientWait wait = new ClientWait();

  RequestHalf(ClientSide client, Framing body) {
    this.client = client;
    this.body = body;
    this.done = body.empty();
  }

  /** Starts to send the head, in a block, and the body. */
  void begin(UpstreamConnection connection, Blocks blocks, ByteBuffer head) {
    broken = false;
    backend = connection;
    pump =
        new Pump(
            client.source(),
            connection.channel().getSinkChannel(),
            blocks,
            body.decoder(Trailers.OF_REQUEST),
            body.kind() == Framing.Kind.CHUNKED,
            client.tls() || connection.tls());
    pump.head(head);
  }

  Outcome pump() {
    if (pump == null || backend == null || broken) {
      client.source().suspendReads();
      return Outcome.GOING_ON;
    }
    Pump.State state = pump.run();
    time(state, pump);
    return outcome(state, pump, backend.channel().getSinkChannel());
  }

  private Outcome outcome(Pump.State state, Pump running, ConduitStreamSinkChannel sink) {
    return switch (state) {
      case WAITS_FOR_SOURCE -> {
        sink.suspendWrites();
        client.source().resumeReads();
        yield Outcome.GOING_ON;
      }
      case WAITS_FOR_SINK -> {
        pause();
        sink.resumeWrites();
        yield Outcome.GOING_ON;
      }
      case DONE -> {
        sink.suspendWrites();
        sent(running);
        yield Outcome.SENT;
      }
      case SOURCE_BROKEN -> Outcome.UNREADABLE;
      case SINK_BROKEN -> {
        broken = true;
        pause();
        yield Outcome.BACKEND_BROKEN;
      }
    };
  }

  private void time(Pump.State state, Pump running) {
    if (state == Pump.State.WAITS_FOR_SOURCE) {
      wait.begins(running.written(), SteadyClock.nanoTime());
    } else {
      wait.ends();
    }
  }

  private void pause() {
    if (!done) {
      client.source().suspendReads();
    }
  }

  private void sent(Pump finished) {
    if (!done) {
      done = true;
      byte[] surplus = finished.surplus();
      if (surplus != null) {
        client.pushBack(surplus);
      }
      client.watch();
    }
  }

  /** Returns whether the client has sent nothing for longer than this while data is expected. */
  boolean isLate(Duration limit, long now) {
    return wait.isOver(limit, now);
  }

  /** Returns whether the client is slow. */
  boolean isSlow(long now) {
    return wait.isLong(now);
  }

  /** Returns whether the whole request has been written to the backend's socket. */
  boolean done() {
    return done;
  }

  /** Returns whether the backend no longer accepts the rest. */
  boolean broken() {
    return broken;
  }

  /** Returns why the request could not be parsed. */
  String problem() {
    return pump == null ? "" : pump.problem();
  }

  void release() {
    wait.ends();
    if (pump != null) {
      pump.release();
      pump = null;
    }
    backend = null;
  }
}
