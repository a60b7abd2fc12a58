package dev.holdfast.edge;

import dev.holdfast.config.Settings;
import dev.holdfast.memory.BufferPool;
import dev.holdfast.session.OutboxLimits;
import dev.holdfast.session.SessionSetup;
import dev.holdfast.upstream.NodeLink;
import dev.holdfast.upstream.UpstreamLink;

/** What sessions, their links and those to other nodes may use, by the settings. Immutable. */
record SessionBounds(
    SessionSetup.Limits session, UpstreamLink.Limits upstreamLink, NodeLink.Limits nodeLink) {
  /** What an event of an upstream may have grown by on its way through the node of its session. */
  private static final int OFFSET_BYTES = 1024;

  static SessionBounds of(Settings settings, BufferPool pool) {
    Settings.Upstream upstream = settings.upstream();
    long message = settings.limits().upstreamMessageBytes();
    return new SessionBounds(
        sessionLimits(settings),
        new UpstreamLink.Limits(
            pool, message, upstream.handshakeTimeout(), upstream.silentTimeout()),
        new NodeLink.Limits(
            settings.socketio().path(), pool, message + OFFSET_BYTES, upstream.handshakeTimeout()));
  }

  private static SessionSetup.Limits sessionLimits(Settings settings) {
    Settings.Limits limits = settings.limits();
    Settings.Resume resume = settings.resume();
    Settings.Relink relink = settings.relink();
    return new SessionSetup.Limits(
        limits.attachments(),
        limits.waitingBytes(),
        limits.slowTransport(),
        new OutboxLimits(
            resume.outboxBytes(),
            resume.outboxEvents(),
            limits.waitingBytes(),
            resume.ackAfterBytes(),
            resume.keptBytes(),
            resume.keptTime()),
        resume.window(),
        resume.windowAfterLeaving(),
        resume.calls() == Settings.Resume.Calls.UNANSWERED,
        relink.giveUp(),
        relink.waitingBytes(),
        relink.overlap(),
        relink.lag());
  }
}
