package dev.holdfast.session;

import dev.holdfast.protocol.CloseCode;
import java.util.Arrays;
import java.util.Optional;

/**
 * Every reason for which a session ends: its metric label, the sentence for logs, and the close
 * code of the client's WebSocket. Clients reconnect by themselves after each of them.
 */
public enum CloseReason {
  /** The client sent an Engine.IO close packet ({@code 1}). */
  CLIENT_CLOSED("client-closed", CloseCode.NORMAL, "the client closed the session"),
  /** The client closed its WebSocket, or its connection broke. */
  CLIENT_LOST("client-lost", CloseCode.NORMAL, "the client's connection is gone"),
  /** The client left its page: WebSocket close code 1001. */
  CLIENT_LEFT("client-left", CloseCode.NORMAL, "the client left the page"),
  /** The client sent a Socket.IO DISCONNECT while its upstream was away. */
  CLIENT_DISCONNECTED("client-disconnected", CloseCode.NORMAL, "the client disconnected"),
  /** The client resumed over another connection. */
  TAKEN_OVER("taken-over", CloseCode.NORMAL, "the client came back over another connection"),
  /** The client came back too late for this session and got a new one. */
  SUPERSEDED("superseded", CloseCode.NORMAL, "the client has a fresh session"),
  /** The client stayed away longer than {@code resume.window}. */
  RESUME_EXPIRED("resume-expired", CloseCode.NORMAL, "the client did not come back in time"),
  /** The outbox exceeded {@code resume.outbox} or {@code resume.outbox-events}. */
  OUTBOX_FULL("outbox-full", CloseCode.TRY_AGAIN_LATER, "what waits for the client is too much"),
  /** The outboxes of the process have reached {@code resume.memory}. */
  OUTBOX_MEMORY(
      "outbox-memory", CloseCode.TRY_AGAIN_LATER, "resume.memory of the process is in use"),
  /** The user has more sessions without a client than {@code resume.parked-per-user}. */
  PARKED_PER_USER(
      "parked-per-user", CloseCode.NORMAL, "the user has more sessions without a client"),
  /** The number of sessions without a client has almost reached {@code limits.connections}. */
  PARKED_SHARE(
      "parked-share",
      CloseCode.NORMAL,
      "sessions without a client are short, and their address has its share"),
  /** The user has reached {@code limits.sessions-per-user}. */
  SESSIONS_PER_USER(
      "sessions-per-user", CloseCode.POLICY, "the user has limits.sessions-per-user sessions"),
  /** No PONG arrived in time. */
  PING_TIMEOUT("ping-timeout", CloseCode.NORMAL, "the client did not answer a ping in time"),
  /** The client violated the protocol. */
  PROTOCOL_ERROR("protocol-error", CloseCode.PROTOCOL_ERROR, "the client broke the protocol"),
  /** A message exceeded {@code limits.message}. */
  MESSAGE_TOO_BIG("message-too-big", CloseCode.TOO_BIG, "a message is over limits.message"),
  /** A packet exceeded {@code limits.attachments}. */
  TOO_MANY_ATTACHMENTS(
      "too-many-attachments", CloseCode.POLICY, "a packet is over limits.attachments"),
  /** A POST exceeded {@code limits.post-packets}. */
  TOO_MANY_PACKETS("too-many-packets", CloseCode.POLICY, "a POST is over limits.post-packets"),
  /** No CONNECT arrived within {@code socketio.connect-timeout}. */
  CONNECT_TIMEOUT("connect-timeout", CloseCode.POLICY, "no CONNECT in socketio.connect-timeout"),
  /** The number of transports has almost reached {@code limits.connections}. */
  CONNECT_SHARE(
      "connect-share",
      CloseCode.TRY_AGAIN_LATER,
      "connections are short, and this one came without a CONNECT"),
  /** No polling request arrived within {@code limits.polling-idle}. */
  POLLING_IDLE("polling-idle", CloseCode.POLICY, "no polling request in limits.polling-idle"),
  /** The client did not read within {@code limits.slow-transport}. */
  SLOW_TRANSPORT(
      "slow-transport",
      CloseCode.TRY_AGAIN_LATER,
      "the client did not read in limits.slow-transport"),
  /** The buffers of the process are used up: {@code limits.buffers}. */
  NO_BUFFERS("no-buffers", CloseCode.TRY_AGAIN_LATER, "limits.buffers of the process are in use"),
  /** No upstream could be dialled, or the upstream refused the link. */
  UPSTREAM_UNAVAILABLE(
      "upstream-unavailable", CloseCode.TRY_AGAIN_LATER, "no link to an upstream could be opened"),
  /** The upstream closed the link. */
  UPSTREAM_CLOSED("upstream-closed", CloseCode.SERVICE_RESTART, "the upstream ended the link"),
  /** The upstream closed the link with a code that blames its client: 1002, 1007 or 1009. */
  UPSTREAM_BLAMED(
      "upstream-blamed", CloseCode.SERVICE_RESTART, "the upstream blames what the client sent"),
  /** No upstream came back within {@code relink.give-up}. */
  UPSTREAM_GONE("upstream-gone", CloseCode.SERVICE_RESTART, "no upstream came back in time"),
  /** The client sent more than {@code relink.waiting} without an upstream. */
  RELINK_WAITING(
      "relink-waiting", CloseCode.TRY_AGAIN_LATER, "the client sent too much without an upstream"),
  /** Sockets in other namespaces cannot be notified of a new link. */
  OTHER_NAMESPACES(
      "other-namespaces", CloseCode.SERVICE_RESTART, "the client has other namespaces open"),
  /** The upstream sent nothing for too long. */
  UPSTREAM_SILENT("upstream-silent", CloseCode.SERVICE_RESTART, "the upstream fell silent"),
  /** An event exceeded {@code limits.upstream-message}. Later events would hide the gap. */
  UPSTREAM_MESSAGE(
      "upstream-message", CloseCode.INTERNAL_ERROR, "an event is over limits.upstream-message"),
  /** The upstream violated the protocol. */
  UPSTREAM_PROTOCOL(
      "upstream-protocol", CloseCode.INTERNAL_ERROR, "the upstream broke the protocol"),
  /** Another node requested a session that cannot be resumed here. */
  NOT_RESUMED("not-resumed", CloseCode.POLICY, "another node asked for a session in vain"),
  /** The session's node did not respond. */
  NODE_TIMEOUT(
      "node-timeout", CloseCode.TRY_AGAIN_LATER, "the session's node did not answer in time"),
  /** The connection to the session's node broke. */
  NODE_LOST("node-lost", CloseCode.SERVICE_RESTART, "the connection to the session's node is gone"),
  /** The session continues over a link to another upstream. */
  SWITCHED_OVER("switched-over", CloseCode.NORMAL, "the session has moved to another upstream"),
  /** The client's node has taken over the session. */
  HANDED_OFF("handed-off", CloseCode.NORMAL, "another node has taken the session over"),
  /** An operator ran {@code holdfast kick}. */
  KICKED("kicked", CloseCode.POLICY, "an operator ended the session"),
  /** The token with which the session was opened or joined was signed out. */
  SIGNED_OUT("signed-out", CloseCode.POLICY, "the session's token was signed out"),
  /** That token has expired: its {@code exp} claim has passed. */
  EXPIRED("expired", CloseCode.POLICY, "the session's token has expired"),
  /** An administrator changed or deleted the user in Open WebUI. */
  USER_CHANGED("user-changed", CloseCode.POLICY, "the session's user was changed or deleted"),
  /** The client presented too many tokens. */
  TOO_MANY_TOKENS("too-many-tokens", CloseCode.POLICY, "the client brought token after token"),
  /** The node is stopping. */
  DRAINED("drained", CloseCode.SERVICE_RESTART, "this node is stopping"),
  /** The gateway failed. */
  INTERNAL("internal", CloseCode.INTERNAL_ERROR, "the gateway failed");

  private final String label;
  private final int closeCode;
  private final String sentence;

  CloseReason(String label, int closeCode, String sentence) {
    this.label = label;
    this.closeCode = closeCode;
    this.sentence = sentence;
  }

  /** Returns the reason with this label, as sent by another node. */
  public static Optional<CloseReason> of(String label) {
    return Arrays.stream(values()).filter(each -> each.label.equals(label)).findFirst();
  }

  /**
   * Returns the reason in another node's close frame. A protocol error is known by its code alone.
   */
  public static Optional<CloseReason> of(int code, String label) {
    return of(label)
        .or(
            () ->
                switch (code) {
                  case CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_PAYLOAD ->
                      Optional.of(PROTOCOL_ERROR);
                  case CloseCode.TOO_BIG -> Optional.of(MESSAGE_TOO_BIG);
                  default -> Optional.empty();
                });
  }

  /** Returns the value of the label {@code reason} in metrics and logs. */
  public String label() {
    return label;
  }

  /** Returns the code of the close frame sent to the client. */
  public int closeCode() {
    return closeCode;
  }

  /**
   * Returns whether a client whose transport ended for this reason may resume. A polling client
   * also sends a close packet after a failed request; one that leaves disconnects its socket first.
   */
  public boolean isResumable() {
    return switch (this) {
      case CLIENT_CLOSED,
          CLIENT_LOST,
          CLIENT_LEFT,
          PING_TIMEOUT,
          POLLING_IDLE,
          SLOW_TRANSPORT,
          MESSAGE_TOO_BIG,
          NODE_LOST,
          DRAINED ->
          true;
      default -> false;
    };
  }

  /**
   * Returns the reason sent to the session's node when a spliced transport ends for this one. The
   * client may resume, unless it violated the protocol.
   */
  public CloseReason toldToSession() {
    return switch (this) {
      case PROTOCOL_ERROR, TOO_MANY_PACKETS -> this;
      default -> isResumable() ? this : CLIENT_LOST;
    };
  }

  /** Returns whether the upstream ended the link or its connection. */
  public boolean isOfUpstream() {
    return label.startsWith("upstream-");
  }

  /** Returns whether the reason is routine, so that operators need not be notified. */
  public boolean isUsual() {
    return switch (this) {
      case CLIENT_CLOSED,
          CLIENT_LOST,
          CLIENT_LEFT,
          TAKEN_OVER,
          SUPERSEDED,
          RESUME_EXPIRED,
          SIGNED_OUT,
          EXPIRED ->
          true;
      default -> false;
    };
  }

  /** Returns the description for logs and close frames. */
  public String sentence() {
    return sentence;
  }
}
