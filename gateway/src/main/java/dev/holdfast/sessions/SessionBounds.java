package dev.holdfast.sessions;

import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.engineio.EngineClient;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.upstream.UpstreamLink;

/**
 * The limits of sessions, their upstream links and links to other nodes, from the settings.
 * Immutable.
 */
record SessionBounds(
    SessionSetup.Limits session, EngineClient.Options upstreamLink, EngineClient.Options nodeLink) {
  /** Maximum growth of an upstream's event on its way through the session's node, in bytes. */
  private static final int OFFSET_BYTES = 1024;

  /** Returns the limits in the settings. */
  static SessionBounds of(Settings settings, BufferPool pool, Metrics metrics) {
    return new SessionBounds(
        sessionLimits(settings),
        UpstreamLink.options(settings, pool, metrics),
        EngineClient.Options.splice(
            pool,
            settings.get(LimitKeys.UPSTREAM_MESSAGE) + OFFSET_BYTES,
            settings.get(UpstreamKeys.HANDSHAKE_TIMEOUT)));
  }

  private static SessionSetup.Limits sessionLimits(Settings settings) {
    return new SessionSetup.Limits(
        settings.get(LimitKeys.ATTACHMENTS),
        settings.get(LimitKeys.WAITING),
        settings.get(LimitKeys.SLOW_TRANSPORT),
        new SessionSetup.LogLimits(
            settings.get(ResumeKeys.OUTBOX),
            settings.get(ResumeKeys.OUTBOX_EVENTS),
            settings.get(LimitKeys.WAITING),
            settings.get(ResumeKeys.ACK_AFTER),
            settings.get(ResumeKeys.KEPT),
            settings.get(ResumeKeys.KEPT_TIME)),
        settings.get(ResumeKeys.WINDOW),
        settings.get(ResumeKeys.WINDOW_AFTER_LEAVING),
        settings.get(ResumeKeys.CALLS) == ResumeKeys.Calls.UNANSWERED,
        settings.get(RelinkKeys.GIVE_UP),
        settings.get(RelinkKeys.WAITING),
        settings.get(RelinkKeys.OVERLAP),
        settings.get(RelinkKeys.LAG));
  }
}
