package dev.holdfast.sessions;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.LimitKeys;
import dev.holdfast.config.RelinkKeys;
import dev.holdfast.config.ResumeKeys;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.session.OutboxLimits;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.upstream.NodeLink;
import dev.holdfast.upstream.UpstreamLink;

/**
 * The limits of sessions, their upstream links and links to other nodes, from the settings.
 * Immutable.
 */
record SessionBounds(
    SessionSetup.Limits session, UpstreamLink.Limits upstreamLink, NodeLink.Limits nodeLink) {
  /** Maximum growth of an upstream's event on its way through the session's node, in bytes. */
  private static final int OFFSET_BYTES = 1024;

  /** Returns the limits in the settings. */
  static SessionBounds of(Settings settings, BufferPool pool) {
    long message = settings.get(LimitKeys.UPSTREAM_MESSAGE);
    return new SessionBounds(
        sessionLimits(settings),
        new UpstreamLink.Limits(
            pool,
            message,
            settings.get(UpstreamKeys.HANDSHAKE_TIMEOUT),
            settings.get(UpstreamKeys.SILENT_TIMEOUT)),
        new NodeLink.Limits(
            settings.get(EdgeKeys.PATH),
            pool,
            message + OFFSET_BYTES,
            settings.get(UpstreamKeys.HANDSHAKE_TIMEOUT)));
  }

  private static SessionSetup.Limits sessionLimits(Settings settings) {
    return new SessionSetup.Limits(
        settings.get(LimitKeys.ATTACHMENTS),
        settings.get(LimitKeys.WAITING),
        settings.get(LimitKeys.SLOW_TRANSPORT),
        new OutboxLimits(
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
