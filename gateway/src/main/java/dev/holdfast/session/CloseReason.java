package dev.holdfast.session;

import dev.holdfast.protocol.CloseCode;
import java.util.Arrays;
import java.util.Optional;

/**
 * Every way a session can end: the metric label, the log's sentence, and the close code that the
 * client's WebSocket gets. Clients come back by themselves from each of them.
 */
public enum CloseReason {
  /** The client said Engine.IO {@code 1}. */
  CLIENT_CLOSED("client-closed", CloseCode.NORMAL, "the client closed the session"),
  /** The client closed its WebSocket, or its connection broke. */
  CLIENT_LOST("client-lost", CloseCode.NORMAL, "the client's connection is gone"),
  /** The client left its page: WebSocket close code 1001. */
  CLIENT_LEFT("client-left", CloseCode.NORMAL, "the client left the page"),
  /** The client said Socket.IO DISCONNECT while its upstream was away. */
  CLIENT_DISCONNECTED("client-disconnected", CloseCode.NORMAL, "the client disconnected"),
  /** The client came back over another connection. */
  TAKEN_OVER("taken-over", CloseCode.NORMAL, "the client came back over another connection"),
  /** The client came back too late for this session, and has got a fresh one. */
  SUPERSEDED("superseded", CloseCode.NORMAL, "the client has a fresh session"),
  /** {@code resume.window} */
  RESUME_EXPIRED("resume-expired", CloseCode.NORMAL, "the client did not come back in time"),
  /** {@code resume.outbox} or {@code resume.outbox-events} */
  OUTBOX_FULL("outbox-full", CloseCode.TRY_AGAIN_LATER, "what waits for the client is too much"),
  /** {@code resume.memory} */
  OUTBOX_MEMORY(
      "outbox-memory", CloseCode.TRY_AGAIN_LATER, "resume.memory of the process is in use"),
  /** {@code resume.parked-per-user} */
  PARKED_PER_USER(
      "parked-per-user", CloseCode.NORMAL, "the user has more sessions without a client"),
  /** There are nearly as many sessions without a client as {@code limits.connections}. */
  PARKED_SHARE(
      "parked-share",
      CloseCode.NORMAL,
      "sessions without a client are short, and their address has its share"),
  /** {@code limits.sessions-per-user} */
  SESSIONS_PER_USER(
      "sessions-per-user", CloseCode.POLICY, "the user has limits.sessions-per-user sessions"),
  /** No PONG in time. */
  PING_TIMEOUT("ping-timeout", CloseCode.NORMAL, "the client did not answer a ping in time"),
  /** The client broke the protocol. */
  PROTOCOL_ERROR("protocol-error", CloseCode.PROTOCOL_ERROR, "the client broke the protocol"),
  /** {@code limits.message} */
  MESSAGE_TOO_BIG("message-too-big", CloseCode.TOO_BIG, "a message is over limits.message"),
  /** {@code limits.attachments} */
  TOO_MANY_ATTACHMENTS(
      "too-many-attachments", CloseCode.POLICY, "a packet is over limits.attachments"),
  /** {@code limits.post-packets} */
  TOO_MANY_PACKETS("too-many-packets", CloseCode.POLICY, "a POST is over limits.post-packets"),
  /** {@code socketio.connect-timeout} */
  CONNECT_TIMEOUT("connect-timeout", CloseCode.POLICY, "no CONNECT in socketio.connect-timeout"),
  /** There are nearly as many transports as {@code limits.connections}. */
  CONNECT_SHARE(
      "connect-share",
      CloseCode.TRY_AGAIN_LATER,
      "connections are short, and this one came without a CONNECT"),
  /** {@code limits.polling-idle} */
  POLLING_IDLE("polling-idle", CloseCode.POLICY, "no polling request in limits.polling-idle"),
  /** {@code limits.slow-transport} */
  SLOW_TRANSPORT(
      "slow-transport",
      CloseCode.TRY_AGAIN_LATER,
      "the client did not read in limits.slow-transport"),
  /** {@code limits.buffers} */
  NO_BUFFERS("no-buffers", CloseCode.TRY_AGAIN_LATER, "limits.buffers of the process are in use"),
  /** No upstream could be dialled, or it refused the link. */
  UPSTREAM_UNAVAILABLE(
      "upstream-unavailable", CloseCode.TRY_AGAIN_LATER, "no link to an upstream could be opened"),
  /** The upstream ended the link. */
  UPSTREAM_CLOSED("upstream-closed", CloseCode.SERVICE_RESTART, "the upstream ended the link"),
  /** The upstream ended the link with a code that blames its client: 1002, 1007 or 1009. */
  UPSTREAM_BLAMED(
      "upstream-blamed", CloseCode.SERVICE_RESTART, "the upstream blames what the client sent"),
  /** {@code relink.give-up} */
  UPSTREAM_GONE("upstream-gone", CloseCode.SERVICE_RESTART, "no upstream came back in time"),
  /** {@code relink.waiting} */
  RELINK_WAITING(
      "relink-waiting", CloseCode.TRY_AGAIN_LATER, "the client sent too much without an upstream"),
  /** Sockets of other namespaces cannot be told of a new link. */
  OTHER_NAMESPACES(
      "other-namespaces", CloseCode.SERVICE_RESTART, "the client has other namespaces open"),
  /** The upstream said nothing for too long. */
  UPSTREAM_SILENT("upstream-silent", CloseCode.SERVICE_RESTART, "the upstream fell silent"),
  /** {@code limits.upstream-message}: what comes next would hide that something is missing. */
  UPSTREAM_MESSAGE(
      "upstream-message", CloseCode.INTERNAL_ERROR, "an event is over limits.upstream-message"),
  /** The upstream broke the protocol. */
  UPSTREAM_PROTOCOL(
      "upstream-protocol", CloseCode.INTERNAL_ERROR, "the upstream broke the protocol"),
  /** Another node asked for a session that cannot be resumed here. */
  NOT_RESUMED("not-resumed", CloseCode.POLICY, "another node asked for a session in vain"),
  /** The node that the session lives on did not answer. */
  NODE_TIMEOUT(
      "node-timeout", CloseCode.TRY_AGAIN_LATER, "the session's node did not answer in time"),
  /** The connection to the node that the session lives on broke. */
  NODE_LOST("node-lost", CloseCode.SERVICE_RESTART, "the connection to the session's node is gone"),
  /** The session goes on over a link to another upstream. */
  SWITCHED_OVER("switched-over", CloseCode.NORMAL, "the session has moved to another upstream"),
  /** The node that the client is on has taken the session over. */
  HANDED_OFF("handed-off", CloseCode.NORMAL, "another node has taken the session over"),
  /** {@code holdfast kick} */
  KICKED("kicked", CloseCode.POLICY, "an operator ended the session"),
  /** The token that the session was opened with, or joined with, was signed out. */
  SIGNED_OUT("signed-out", CloseCode.POLICY, "the session's token was signed out"),
  /** That token's claim {@code exp} has passed. */
  EXPIRED("expired", CloseCode.POLICY, "the session's token has expired"),
  /** An administrator has changed or deleted the user in Open WebUI. */
  USER_CHANGED("user-changed", CloseCode.POLICY, "the session's user was changed or deleted"),
  /** A client that has no end of tokens. */
  TOO_MANY_TOKENS("too-many-tokens", CloseCode.POLICY, "the client brought token after token"),
  /** The node stops. */
  DRAINED("drained", CloseCode.SERVICE_RESTART, "this node is stopping"),
  /** A fault of ours. */
  INTERNAL("internal", CloseCode.INTERNAL_ERROR, "the gateway failed");

  private final String label;
  private final int closeCode;
  private final String sentence;

  CloseReason(String label, int closeCode, String sentence) {
    this.label = label;
    this.closeCode = closeCode;
    this.sentence = sentence;
  }

  /** The reason of this label, as another node names it. */
  public static Optional<CloseReason> of(String label) {
    return Arrays.stream(values()).filter(each -> each.label.equals(label)).findFirst();
  }

  /** The reason that another node gives in its close frame; a broken protocol has only its code. */
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

  /** The value of the label {@code reason} in metrics and logs. */
  public String label() {
    return label;
  }

  /** The code in the close frame towards the client. */
  public int closeCode() {
    return closeCode;
  }

  /**
   * Whether a client whose transport ended so may come back to its session. A client that polls
   * says that it closes its transport when a request of it has failed, too; one that leaves
   * disconnects its socket first.
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
   * The reason that is sent to the session's node when a spliced transport ends like this. The
   * client may come back, unless it broke the protocol.
   */
  public CloseReason toldToSession() {
    return switch (this) {
      case PROTOCOL_ERROR, TOO_MANY_PACKETS -> this;
      default -> isResumable() ? this : CLIENT_LOST;
    };
  }

  /** Whether an upstream has ended the link, or its connection. */
  public boolean isOfUpstream() {
    return label.startsWith("upstream-");
  }

  /** Whether clients do so every minute, so that an operator need not hear of it. */
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

  /** What happened, for logs and close frames. */
  public String sentence() {
    return sentence;
  }
}
