package dev.holdfast.admin;

/**
 * Why a session is as it is. Immutable.
 *
 * @param state its state in the node: {@code live}, {@code parked}, {@code relinking} and so on
 * @param choice why it is on its upstream, for programs
 * @param because the same, for people
 * @param transport {@code websocket} or {@code polling}, if there is one
 * @param throughNode whether the transport comes through another node
 * @param transports how many there were
 * @param lastClose why the last transport but the present one ended
 * @param lastResume how the client's last wish to go on was answered
 * @param outboxBytes what is kept for the client
 * @param secondsLeft until it ends, unless client or upstream come back; -1 without such an end
 */
public record Explanation(
    String sid,
    String user,
    String node,
    String upstream,
    String address,
    long since,
    String state,
    String choice,
    String because,
    String transport,
    boolean throughNode,
    int transports,
    String lastClose,
    String lastResume,
    long outboxBytes,
    long secondsLeft) {}
