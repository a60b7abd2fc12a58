package dev.holdfast.upstream;

import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.engineio.EngineClient;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.protocol.Announced;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.time.EventLoop;
import dev.holdfast.wire.WebSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link of one session: reports its state to the session, the upstream's health, the metrics and
 * the log. Confined to the session's I/O thread.
 */
public final class UpstreamLink implements EngineClient.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamLink.class);

  private final Upstream upstream;
  private final Metrics metrics;
  private final EngineConnection.Listener session;
  private boolean open;

  private UpstreamLink(Upstream upstream, Metrics metrics, EngineConnection.Listener session) {
    this.upstream = upstream;
    this.metrics = metrics;
    this.session = session;
  }

  /** Returns the options of links in the settings. */
  public static EngineClient.Options options(Settings settings, BufferPool pool, Metrics metrics) {
    return new EngineClient.Options(
        new WebSocket.Limits(
            pool,
            settings.get(LimitKeys.UPSTREAM_MESSAGE),
            (frames, bytes) -> metrics.framesIn("upstream", frames, bytes)),
        settings.get(UpstreamKeys.HANDSHAKE_TIMEOUT),
        settings.get(UpstreamKeys.SILENT_TIMEOUT),
        false);
  }

  /** Starts to open a link on this event loop. The session is never called before this returns. */
  public static EngineConnection dial(
      Upstream upstream,
      LinkRequest request,
      EngineClient.Options options,
      Metrics metrics,
      EventLoop loop,
      EngineConnection.Listener session) {
    return EngineClient.dial(
        upstream.connector(request),
        options,
        loop,
        session,
        new UpstreamLink(upstream, metrics, session));
  }

  @Override
  public void opened(Announced announced) {
    open = true;
    upstream.linkOpened(announced);
    metrics.linkOpened(upstream.name());
    session.writable();
  }

  @Override
  public void failed(String reason, String sentence, boolean refused) {
    upstream.dialFailed();
    unavailable(reason, sentence, CloseReason.UPSTREAM_UNAVAILABLE);
  }

  private void unavailable(String label, String sentence, CloseReason reason) {
    metrics.linkFailed(upstream.name(), label);
    LOG.warn("no link to {}: {}", upstream.name(), sentence);
    session.closed(reason);
  }

  @Override
  public void ended(CloseReason reason, String detail) {
    if (open) {
      closed(reason);
      LOG.info("link to {} ended: {}: {}", upstream.name(), reason.label(), detail);
      session.closed(reason);
    } else {
      boolean internal = reason == CloseReason.INTERNAL;
      unavailable("handshake", detail, internal ? reason : CloseReason.UPSTREAM_UNAVAILABLE);
    }
  }

  @Override
  public void closed(CloseReason reason) {
    metrics.linkClosed(upstream.name(), reason.label());
  }
}
