package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.proxy.HeadWriter.IllegalCharacter;
import dev.holdfast.time.ErrorBoundary;
import dev.holdfast.time.SteadyClock;
import io.undertow.server.HttpServerExchange;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards one request to a backend and its response back, at the pace of the slower side.
 *
 * <pre>
 *   client ──request pump──▶ backend      a connection from the pool; its head is written with the
 *   client ◀──response pump── backend     first bytes of the body, and so is the response's
 * </pre>
 *
 * Ends in one of four ways: {@link #finish} (both messages are complete), {@link #breakOff} (the
 * response stays incomplete, visibly to the client), {@link #cancel} (the client disconnected,
 * which closes the backend connection), {@link #answer} (a response of the proxy). Confined to its
 * I/O thread.
 */
final class ProxyExchange
    implements ConnectionRequest.Caller, UpstreamConnection.User, IoContext.Timed {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyExchange.class);
  private static final int CLIENT_GONE = 499;
  private final HttpServerExchange exchange;
  private final ProxyRequest asked;
  private final Peer peer;
  private final Proxy proxy;
  private final ErrorBoundary boundary = new ErrorBoundary("a request", this::abandon);
  private final IoContext io;
  private final ConnectionRequest connectionRequest;
  private final ClientSide client;
  private final ExchangePolicy.Trace trace;
  private final ExpectContinue expectation;
  private final RequestHalf request;
  private final HeadReader heads;
  private final ClientWait unread = new ClientWait();
  private @Nullable UpstreamConnection upstream;
  private @Nullable Pump response;
  private @Nullable Tunnel tunnel;
  private boolean reusable;
  private boolean persistent;
  private boolean over;
  private int status;
  private long touched = SteadyClock.nanoTime();

  /** {@code choice} returns the pool of the backend, chosen anew for each attempt. */
  ProxyExchange(
      Proxy proxy,
      HttpServerExchange exchange,
      ProxyRequest asked,
      Peer peer,
      Supplier<Optional<ConnectionPool>> choice,
      Optional<ResponseEditor.Edit> edit) {
    this.proxy = proxy;
    this.exchange = exchange;
    this.asked = asked;
    this.peer = peer;
    this.io = proxy.io(exchange.getIoThread());
    this.connectionRequest = proxy.connect(io, choice, asked.retryPolicy(exchange), this);
    this.client = new ClientSide(exchange);
    this.trace = proxy.policy().begin(exchange, asked.client().address());
    this.expectation = new ExpectContinue(exchange, client);
    this.request = new RequestHalf(client, asked.body());
    this.heads = new HeadReader(io.blocks(), edit);
  }

  void start() {
    boundary.run(this::begin);
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public ErrorBoundary boundary() {
    return boundary;
  }

  private void begin() {
    client.listen(() -> boundary.run(this::clientReadable), () -> boundary.run(this::pumpResponse));
    io.add(this);
    proxy.began();
    if (request.done()) {
      client.watch();
    }
    if (asked.refusal().isPresent()) {
      answer(asked.refusal().get(), "refused");
    } else {
      connectionRequest.begin();
    }
  }

  @Override
  public void refused(Failure failure, String why) {
    answer(failure, why);
  }

  @Override
  public void connected(UpstreamConnection connection) {
    upstream = connection;
    touched = SteadyClock.nanoTime();
    try {
      Heads.request(io.heads(), exchange, asked, proxy.forwarding(), connection.pool().backend());
    } catch (IllegalCharacter illegal) {
      upstream = null;
      connection.pool().release(connection);
      answer(Failure.BAD_REQUEST, String.valueOf(illegal.getMessage()));
      return;
    }
    connection.usedBy(this);
    request.begin(connection, io.blocks(), io.heads().toBlock(io.blocks()));
    pumpRequest();
  }

  private void clientReadable() {
    if (!request.done()) {
      pumpRequest();
    } else if (client.isDisconnected()) {
      cancel();
    }
  }

  @Override
  public void upstreamWritable() {
    boundary.run(this::pumpRequest);
  }

  private void pumpRequest() {
    if (over) {
      return;
    }
    touched = SteadyClock.nanoTime();
    switch (request.pump()) {
      case GOING_ON, SENT -> {}
      case UNREADABLE -> answer(Failure.BAD_REQUEST, request.problem());
      // The backend may have responded before it stopped reading.
      case BACKEND_BROKEN -> upstreamReadable();
    }
  }

  @Override
  public void upstreamReadable() {
    boundary.run(response == null ? this::readHead : this::pumpResponse);
  }

  private void readHead() {
    UpstreamConnection connection = upstream;
    if (over || connection == null) {
      return;
    }
    int count = heads.read(connection.channel().getSourceChannel());
    if (count < 0 || (count == 0 && request.broken())) {
      lost(connection);
    } else if (count > 0) {
      touched = SteadyClock.nanoTime();
      takeHeads(connection);
    }
  }

  private void takeHeads(UpstreamConnection connection) {
    try {
      while (!over && response == null) {
        HttpResponseHead head = heads.next();
        if (head == null) {
          return;
        } else if (head.status() >= 200) {
          respond(head);
        } else if (head.status() == 101) {
          switchProtocols(connection, head);
        } else if (!expectation.interim(head, io.heads())) {
          cancel();
        }
      }
    } catch (ProtocolException | IllegalCharacter malformed) {
      answer(Failure.MALFORMED, String.valueOf(malformed.getMessage()));
    }
  }

  /** Handles a backend connection that ended without a response. */
  private void lost(UpstreamConnection connection) {
    dropUpstream();
    if (heads.begun() || !connectionRequest.retry(connection)) {
      answer(Failure.BROKEN, "closed before a response");
    }
  }

  private void respond(HttpResponseHead head) throws ProtocolException, IllegalCharacter {
    ResponsePlan plan = ResponsePlan.of(head, exchange, request.done() && !proxy.draining());
    plan.write(io.heads(), head, expectation.unsent(), exchange);
    status = head.status();
    proxy.policy().interceptors().answered(asked.viewWith(head, exchange));
    reusable = plan.reusable() && !request.broken();
    persistent = plan.persistent();
    Pump pump = responsePump(plan.body().decoder(Trailers.OF_RESPONSE), plan.chunked());
    pump.head(io.heads().toBlock(io.blocks()));
    ByteBuffer rest = heads.takeRest();
    if (rest.hasRemaining() && !plan.body().empty()) {
      step(pump.begin(rest, rest.position(), rest.limit()));
    } else {
      reusable &= !rest.hasRemaining();
      io.blocks().give(rest);
      step(pump.begin());
    }
  }

  private void switchProtocols(UpstreamConnection connection, HttpResponseHead head)
      throws ProtocolException, IllegalCharacter {
    if (asked.upgrade().isEmpty()) {
      throw new ProtocolException("unrequested protocol upgrade");
    }
    ResponsePlan.writeSwitch(io.heads(), head, expectation.unsent());
    status = head.status();
    tunnel = new Tunnel(proxy, io, connection, heads.takeRest());
    Pump pump = responsePump(new BodyDecoder.Fixed(0), false);
    pump.head(io.heads().toBlock(io.blocks()));
    step(pump.begin());
  }

  private Pump responsePump(BodyDecoder decoder, boolean chunked) {
    var source = upstream == null ? client.source() : upstream.channel().getSourceChannel();
    boolean buffering = client.tls() || (upstream != null && upstream.tls());
    response = new Pump(source, client.sink(), io.blocks(), decoder, chunked, buffering);
    return response;
  }

  private void pumpResponse() {
    if (!over && response != null) {
      touched = SteadyClock.nanoTime();
      step(response.run());
    }
  }

  private void step(Pump.State state) {
    if (state != Pump.State.WAITS_FOR_SINK) {
      unread.ends();
    }
    switch (state) {
      case WAITS_FOR_SOURCE -> {
        client.sink().suspendWrites();
        if (upstream != null) {
          upstream.channel().getSourceChannel().resumeReads();
        }
      }
      case WAITS_FOR_SINK -> {
        if (upstream != null) {
          upstream.channel().getSourceChannel().suspendReads();
        }
        unread.begins(response == null ? 0 : response.written(), SteadyClock.nanoTime());
        client.sink().resumeWrites();
      }
      case DONE -> finish();
      case SOURCE_BROKEN -> answer(Failure.MALFORMED, response == null ? "" : response.problem());
      case SINK_BROKEN -> cancel();
    }
  }

  /** Responds in place of the backend, or breaks off if part of its response has been written. */
  private void answer(Failure failure, String why) {
    dropUpstream();
    if (response != null && response.written() > 0) {
      breakOff(why);
      return;
    } else if (response != null) {
      response.release();
    }
    LOG.debug("{}: {} {}", connectionRequest.backend(), failure, why);
    persistent = exchange.isPersistent() && request.done() && !failure.isClientFault();
    HeadWriter out = io.heads().clear().raw(expectation.unsent());
    status = trace.refuse(out, failure, persistent);
    Pump pump = responsePump(new BodyDecoder.Fixed(0), false);
    pump.head(out.toBlock(io.blocks()));
    step(pump.begin());
  }

  private void finish() {
    if (tunnel != null) {
      end();
      tunnel.open(exchange);
      return;
    }
    UpstreamConnection connection = upstream;
    upstream = null;
    if (connection != null) {
      boolean whole = reusable && request.done();
      connection.release(whole && response != null && response.surplus() == null);
    }
    end();
    if (request.done()) {
      client.complete(persistent);
    } else {
      client.linger(proxy.limits());
    }
  }

  private void breakOff(String why) {
    LOG.debug("{}: broken off: {}", connectionRequest.backend(), why);
    cancel();
  }

  private void cancel() {
    status = status == 0 ? CLIENT_GONE : status;
    dropUpstream();
    end();
    client.abort();
  }

  private void end() {
    over = true;
    connectionRequest.leave();
    io.remove(this);
    proxy.ended();
    if (response != null) {
      response.release();
    }
    trace.end(connectionRequest.backend(), status, response == null ? 0 : response.written());
  }

  /** Closes the backend connection, which cancels the request there. */
  private void dropUpstream() {
    UpstreamConnection connection = upstream;
    upstream = null;
    if (connection != null) {
      connection.close();
    }
    request.release();
    heads.release();
  }

  @Override
  public void tick(long now) {
    // An error in a lower layer may have closed a connection without notification.
    boolean cut = !over && !(client.isOpen() && (upstream == null || upstream.isOpen()));
    boundary.run(cut ? this::cancel : () -> look(now));
  }

  private void look(long now) {
    long idle = now - touched;
    if (over) {
      io.remove(this);
    } else if (response == null && upstream == null) {
      connectionRequest.tick(now);
    } else if (idle > limit().toNanos()) {
      answer(Failure.RESPONSE_TIMEOUT, "no byte in " + limit());
    } else if (!endIfClientIsLate(now)
        && upstream != null
        && !request.done()
        && !expectation.remind(idle)) {
      cancel();
    }
  }

  /** Ends the exchange if its client has been idle for too long; returns whether it did. */
  private boolean endIfClientIsLate(long now) {
    Duration bodyTimeout = proxy.limits().get(ProxyKeys.BODY_TIMEOUT);
    Duration unreadTimeout = proxy.limits().get(ProxyKeys.UNREAD_TIMEOUT);
    boolean unsent = request.isLate(bodyTimeout, now);
    if (unsent) {
      answer(Failure.REQUEST_TIMEOUT, "no byte of the body in " + bodyTimeout);
    } else if (unread.isOver(unreadTimeout, now)) {
      breakOff("nothing read in " + unreadTimeout);
    } else if (upstream != null) {
      boolean slow = tunnel == null && (unread.isLong(now) || request.isSlow(now));
      upstream.mayBeCut(slow, boundary.guard(() -> answer(Failure.CUT, "waited for its client")));
    }
    return unsent || over;
  }

  private Duration limit() {
    return response == null && request.done()
        ? proxy.policy().responseTimeout()
        : proxy.limits().get(ProxyKeys.IDLE_TIMEOUT);
  }

  /** Closes both connections after an internal error, so that neither side waits. */
  private void abandon() {
    proxy.internalError();
    Tunnel begun = tunnel;
    if (begun != null) {
      boundary.attempt(begun::close);
    }
    if (!over) {
      boundary.attempt(this::cancel);
    }
    boundary.attempt(client::abort);
  }
}
