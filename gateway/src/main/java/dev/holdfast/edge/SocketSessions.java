package dev.holdfast.edge;

import dev.holdfast.config.Settings;
import dev.holdfast.hub.Admission;
import dev.holdfast.hub.Users;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.session.Hop;
import dev.holdfast.session.Session;
import dev.holdfast.upstream.Announced;
import dev.holdfast.upstream.Forwarding;
import dev.holdfast.upstream.Identity;
import dev.holdfast.upstream.LinkRequest;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.UpstreamLink;
import dev.holdfast.upstream.Upstreams;
import dev.holdfast.wire.IoTimers;
import io.undertow.server.HttpServerExchange;
import java.util.Optional;

/** Puts a Socket.IO session with a link to Open WebUI on top of each Engine.IO session. */
public final class SocketSessions implements Application {
  /**
   * What sessions share.
   *
   * @param users which upstream a user's sessions are on
   */
  public record Shared(
      Settings settings,
      Upstreams upstreams,
      Identity identity,
      Forwarding forwarding,
      Admission admission,
      Users users,
      BufferPool pool,
      Metrics metrics) {

    /** The upstream for a user's next session or request: where the others are, else the hash. */
    public Optional<Upstream> upstreamOf(String user) {
      return users
          .upstreamOf(user)
          .flatMap(
              name -> upstreams.all().stream().filter(it -> it.name().equals(name)).findFirst())
          .filter(Upstream::healthy)
          .or(() -> upstreams.choose(user));
    }
  }

  private final Shared shared;
  private final Session.Limits sessionLimits;
  private final UpstreamLink.Limits linkLimits;

  /** Sessions within the limits of the settings. */
  public SocketSessions(Shared shared) {
    this.shared = shared;
    Settings.Limits limits = shared.settings().limits();
    Settings.Upstream upstream = shared.settings().upstream();
    this.sessionLimits =
        new Session.Limits(
            limits.attachments(),
            limits.waitingBytes(),
            shared.settings().socketio().connectTimeout(),
            limits.slowTransport());
    this.linkLimits =
        new UpstreamLink.Limits(
            shared.pool(),
            limits.upstreamMessageBytes(),
            upstream.handshakeTimeout(),
            upstream.silentTimeout());
  }

  @Override
  public Optional<Terms> terms(HttpServerExchange handshake) {
    String key =
        shared.identity().userOf(handshake.getRequestHeaders()).orElseGet(() -> address(handshake));
    return shared.upstreamOf(key).map(Upstream::announced).map(this::terms);
  }

  private Terms terms(Announced announced) {
    Settings.SocketIo ours = shared.settings().socketio();
    long maxPayload =
        shared
            .settings()
            .limits()
            .messageBytes()
            .map(limit -> Math.min(limit, announced.maxPayload()))
            .orElse(announced.maxPayload());
    return new Terms(
        ours.pingInterval().orElse(announced.pingInterval()),
        ours.pingTimeout().orElse(announced.pingTimeout()),
        maxPayload);
  }

  private String address(HttpServerExchange exchange) {
    return shared.forwarding().client(exchange).address();
  }

  @Override
  public Optional<String> admit(HttpServerExchange handshake) {
    return shared.admission().enter(address(handshake)).map(Admission.Refusal::label);
  }

  @Override
  public Hop.Receiver opened(
      EngineSocket socket, HttpServerExchange handshake, EngineRequest request) {
    LinkRequest links =
        LinkRequest.of(handshake, request.application(), shared.settings(), shared.forwarding());
    NodeSurroundings surroundings =
        new NodeSurroundings(shared, linkLimits, socket, links, address(handshake));
    shared.metrics().sessionOpened();
    Session session =
        new Session(
            socket, surroundings, sessionLimits, new IoTimers(socket.thread()), shared.pool());
    return session.transportSide();
  }
}
