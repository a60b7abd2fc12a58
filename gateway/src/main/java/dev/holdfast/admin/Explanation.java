package dev.holdfast.admin;

/**
 * Explains the state of a session. Immutable.
 *
 * @param state its state in the node: {@code live}, {@code parked}, {@code relinking} and so on
 * @param choice why it is on its upstream, as a label
 * @param because the same, in plain text
 * @param transport {@code websocket} or {@code polling}, if there is one
 * @param throughNode whether the transport comes through another node
 * @param transports number of transports so far
 * @param lastClose why the previous transport ended
 * @param lastResume the outcome of the client's last attempt to resume
 * @param outboxBytes bytes buffered for the client
 * @param secondsLeft seconds until it ends unless client or upstream return; -1 if it will not
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
