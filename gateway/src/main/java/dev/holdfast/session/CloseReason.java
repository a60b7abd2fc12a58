package dev.holdfast.session;

import dev.holdfast.protocol.CloseCode;

/**
 * Every way a session can end: the metric label, the log's sentence, and the close code that the
 * client's WebSocket gets. Clients come back by themselves from each of them.
 */
public enum CloseReason {
  /** The client said Engine.IO {@code 1}. */
  CLIENT_CLOSED("client-closed", CloseCode.NORMAL, "the client closed the session"),
  /** The client closed its WebSocket, or its connection broke. */
  CLIENT_LOST("client-lost", CloseCode.NORMAL, "the client's connection is gone"),
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
  /** The upstream said nothing for too long. */
  UPSTREAM_SILENT("upstream-silent", CloseCode.SERVICE_RESTART, "the upstream fell silent"),
  /** The upstream broke the protocol, or its message is over {@code limits.upstream-message}. */
  UPSTREAM_PROTOCOL(
      "upstream-protocol", CloseCode.INTERNAL_ERROR, "the upstream broke the protocol"),
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

  /** The value of the label {@code reason} in metrics and logs. */
  public String label() {
    return label;
  }

  /** The code in the close frame towards the client. */
  public int closeCode() {
    return closeCode;
  }

  /** What happened, for logs and close frames. */
  public String sentence() {
    return sentence;
  }
}
