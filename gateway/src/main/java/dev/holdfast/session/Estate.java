package dev.holdfast.session;

import java.util.List;

/**
 * What the next home of a session has to know to go on with it. Its outbox is empty: the client has
 * confirmed everything.
 *
 * @param tag of its offsets
 * @param counter of its last offset
 * @param arguments whether offsets are last arguments of events; else they are markers
 * @param given the pids, and the CONNECT reply that each came with, oldest first
 * @param known whether the client has confirmed that it has one of them
 * @param connect the client's CONNECT packet
 * @param reply the upstream's reply to it
 * @param highestCall the highest acknowledgement id that the client was shown; -1 if none
 * @param unanswered ids of the calls that wait for the client's answer
 * @param paced whether the client's heartbeats have to be kept from multiplying
 */
public record Estate(
    String tag,
    long counter,
    boolean arguments,
    List<Given> given,
    boolean known,
    String connect,
    String reply,
    long highestCall,
    List<Long> unanswered,
    boolean paced) {

  /** A pid, and the CONNECT reply that it came with. */
  public record Given(String pid, String reply) {}

  @Override
  public String toString() {
    return "Estate[counter=" + counter + "]";
  }
}
