package dev.holdfast.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.Hop;
import dev.holdfast.session.Surroundings;
import dev.holdfast.time.SteadyClock;
import dev.holdfast.upstream.LinkRequest;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.UpstreamLink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a session needs of its node: an upstream for its user, and its traces in log, metrics and
 * counts. Confined to the session's thread.
 */
final class NodeSurroundings implements Surroundings {
  private static final Logger LOG = LoggerFactory.getLogger(NodeSurroundings.class);
  private static final Logger ACCESS = LoggerFactory.getLogger("dev.holdfast.access");
  private static final JsonMapper JSON = new JsonMapper();

  private final SocketSessions.Shared shared;
  private final UpstreamLink.Limits limits;
  private final EngineSocket socket;
  private final LinkRequest request;
  private final String address;
  private final long since = SteadyClock.nanoTime();
  private @Nullable Upstream upstream;
  private @Nullable String user;
  private boolean counted;

  NodeSurroundings(
      SocketSessions.Shared shared,
      UpstreamLink.Limits limits,
      EngineSocket socket,
      LinkRequest request,
      String address) {
    this.shared = shared;
    this.limits = limits;
    this.socket = socket;
    this.request = request;
    this.address = address;
  }

  @Override
  public Hop dial(Message connect, Hop.Receiver receiver) {
    user = token(connect, "/token").flatMap(shared.identity()::userOf).orElse(null);
    Optional<Upstream> chosen =
        user == null ? shared.upstreams().choose(address) : shared.upstreamOf(user);
    if (chosen.isEmpty()) {
      LOG.warn("no healthy upstream for a session of {}", address);
      socket.thread().execute(() -> receiver.closed(CloseReason.UPSTREAM_UNAVAILABLE));
      return new NoLink();
    }
    upstream = chosen.get();
    return UpstreamLink.dial(
        chosen.get(), request, limits, shared.metrics(), socket.thread(), receiver);
  }

  @Override
  public void userJoined(Message event) {
    Optional<String> joined = token(event, "/1/auth/token").flatMap(shared.identity()::userOf);
    if (joined.isPresent() && !joined.get().equals(user)) {
      forget();
      user = joined.get();
      remember();
    }
  }

  @Override
  public void announced() {
    remember();
  }

  private void remember() {
    if (user != null && upstream != null && !counted) {
      counted = true;
      shared.users().joined(user, upstream.name());
    }
  }

  private void forget() {
    if (user != null && upstream != null && counted) {
      counted = false;
      shared.users().left(user, upstream.name());
    }
  }

  @Override
  public void ended(CloseReason reason) {
    forget();
    shared.admission().leave(address);
    Duration duration = Duration.ofNanos(SteadyClock.nanoTime() - since);
    shared.metrics().sessionClosed(reason.label(), duration);
    // What clients do every minute is no news; the rest an operator may have to act upon.
    boolean usual = reason == CloseReason.CLIENT_CLOSED || reason == CloseReason.CLIENT_LOST;
    LOG.atLevel(usual ? Level.DEBUG : Level.INFO)
        .log("session of {} ended: {} ({})", address, reason.label(), reason.sentence());
    if (shared.settings().logging().access()) {
      ACCESS.info(
          "session client={} transport={} upstream={} reason={} duration_ms={}",
          address,
          socket.kind(),
          upstream == null ? "-" : upstream.name(),
          reason.label(),
          duration.toMillis());
    }
  }

  /** A text in the packet's JSON; the packet's own validity is the upstream's business. */
  private static Optional<String> token(Message packet, String pointer) {
    SocketPacketHeader header = new SocketPacketHeader();
    try {
      header.read(packet);
      JsonNode node = JSON.readTree(packet.bytes(header.json())).at(pointer);
      return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
    } catch (IOException | ProtocolException e) {
      return Optional.empty();
    }
  }

  /** Takes the place of a link where no upstream can be had. */
  private static final class NoLink implements Hop {
    @Override
    public boolean send(ByteBuffer frames) {
      return false;
    }

    @Override
    public void pauseReads() {}

    @Override
    public void resumeReads() {}

    @Override
    public void close(CloseReason reason) {}
  }
}
