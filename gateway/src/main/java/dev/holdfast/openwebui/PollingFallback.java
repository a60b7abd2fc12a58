package dev.holdfast.openwebui;

import dev.holdfast.config.IpLiteral;
import dev.holdfast.config.OpenWebUiKeys;
import dev.holdfast.config.OpenWebUiKeys.Use;
import dev.holdfast.config.Settings;
import dev.holdfast.config.TrustedProxies;
import dev.holdfast.engineio.Handshake;
import dev.holdfast.engineio.HandshakeObserver;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.forwarding.Identity;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.openwebui.WebSocketMemory.Client;
import dev.holdfast.proxy.ExchangeObserver;
import dev.holdfast.proxy.ResponseEditor;
import dev.holdfast.time.LogThrottle;
import dev.holdfast.time.SteadyClock;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the page start with polling for clients whose network blocks WebSockets ({@code
 * openwebui.polling-fallback}): for them the field {@code features.enable_websocket} of {@code
 * /api/config} is set to false. Thread-safe.
 */
public final class PollingFallback implements HandshakeObserver, ExchangeObserver, ResponseEditor {
  private static final Logger LOG = LoggerFactory.getLogger(PollingFallback.class);

  private final Use use;
  private final TrustedProxies networks;
  private final WebSocketMemory memory;
  private final Identity identity;
  private final Metrics metrics;
  private final LogThrottle found = new LogThrottle();
  private final LogThrottle unexpected = new LogThrottle();

  /** Creates an instance that knows no clients. */
  public PollingFallback(Settings settings, Identity identity, Metrics metrics) {
    this.identity = identity;
    this.use = settings.get(OpenWebUiKeys.POLLING_FALLBACK);
    this.networks = TrustedProxies.of(settings.get(OpenWebUiKeys.POLLING_NETWORKS));
    this.memory =
        new WebSocketMemory(
            settings.get(OpenWebUiKeys.POLLING_WAIT),
            settings.get(OpenWebUiKeys.POLLING_MEMORY),
            settings.get(OpenWebUiKeys.POLLING_CLIENTS),
            SteadyClock::nanoTime);
    this.metrics = metrics;
  }

  @Override
  public void pollingRequested(Handshake handshake) {
    memory.polls(client(handshake));
  }

  @Override
  public void webSocketRequested(Handshake handshake) {
    memory.gotThrough(client(handshake));
  }

  @Override
  public void webSocketStripped(Handshake handshake) {
    Client client = client(handshake);
    if (use == Use.AUTO && memory.stripped(client)) {
      found(client, "no-upgrade");
    }
  }

  @Override
  public Runnable webSocketOpened(Handshake handshake) {
    Client client = client(handshake);
    memory.opened(client);
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        memory.closed(client);
      }
    };
  }

  private Client client(Handshake handshake) {
    HeaderMap headers = handshake.headers();
    Optional<String> user = identity.isVerifying() ? identity.userOf(headers) : Optional.empty();
    String agent = headers.getFirst(Headers.USER_AGENT);
    return client(user, handshake.client().address(), agent == null ? "" : agent);
  }

  private static Client client(Optional<String> user, String address, String agent) {
    return new Client(
        user.map(Peer::ofUser), Forwarding.peerOf(address), address, agent.hashCode());
  }

  private static Client client(Request request) {
    String agent = request.requestHeader("User-Agent").stream().findFirst().orElse("");
    return client(request.verifiedUser(), request.clientAddress(), agent);
  }

  private void found(Client client, String reason) {
    metrics.pollingFallback().found(reason);
    found.run(
        count ->
            LOG.info(
                "the network of {} lets no WebSocket through ({}): Open WebUI's page starts with polling there;"
                    + " {} such clients since the last such line (openwebui.polling-fallback)",
                client.address(),
                reason,
                count));
  }

  @Override
  public void answered(Exchange exchange) {
    if (use == Use.AUTO
        && exchange.status() == 200
        && BackendConfig.isAskedBy(exchange.method(), exchange.target())
        && !isToPoll(exchange)) {
      memory.loaded(client(exchange));
    }
  }

  @Override
  public Optional<Edit> edit(Request request) {
    if (use == Use.OFF || !BackendConfig.isAskedBy(request.method(), request.target())) {
      return Optional.empty();
    }
    Client client = client(request);
    if (use == Use.AUTO && memory.loadsAgain(client)) {
      found(client, "no-handshake");
    }
    return isToPoll(request) ? Optional.of(new Replacement()) : Optional.empty();
  }

  private boolean isToPoll(Request request) {
    return use == Use.ON
        || IpLiteral.parse(request.clientAddress()).filter(networks::contains).isPresent()
        || memory.isWithout(client(request));
  }

  /** Edits one response. */
  private final class Replacement implements Edit {
    @Override
    public Optional<byte[]> edited(byte[] body) {
      BackendConfig config = BackendConfig.of(body);
      return switch (config.webSocket()) {
        case ON -> {
          metrics.pollingFallback().reply("rewritten");
          yield Optional.of(config.withoutWebSocket());
        }
        case OFF -> {
          metrics.pollingFallback().reply("off");
          yield Optional.empty();
        }
        case UNKNOWN -> {
          passes("content");
          yield Optional.empty();
        }
      };
    }

    @Override
    public void impossible(Obstacle obstacle) {
      passes(obstacle.name().toLowerCase(Locale.ROOT));
    }

    private void passes(String why) {
      metrics.pollingFallback().reply(why);
      unexpected.run(
          count ->
              LOG.warn(
                  "Open WebUI's answer to /api/config does not look as expected and passes as it is: {}; {} since the last"
                      + " such line (openwebui.polling-fallback)",
                  why,
                  count));
    }
  }
}
