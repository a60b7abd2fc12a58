package dev.holdfast.session;

import static dev.holdfast.session.ModelTransport.check;

import dev.holdfast.session.Specification.Event;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A link to the simulated upstream, and what that makes of the packets. */
final class ModelLink implements EngineConnection {
  /** A packet on its way. */
  record Sent(List<String> packets, @Nullable Event event) {}

  private final FakeConnection connection = new FakeConnection(true);
  private final List<Integer> clientEvents;
  final Map<Integer, Event> calls = new HashMap<>();
  final EngineConnection.Listener listener;

  /** What its upstream has sent and the session has not read. */
  final Deque<Sent> inFlight = new ArrayDeque<>();

  /** What the session has read. */
  final List<Event> brought = new ArrayList<>();

  boolean open = true;
  boolean connected;
  boolean replied;
  private int nextCall = 1;
  private boolean attachmentDue;

  /** Adds the numbers of the client's events to a list. */
  ModelLink(EngineConnection.Listener listener, boolean taking, List<Integer> clientEvents) {
    this.listener = listener;
    this.clientEvents = clientEvents;
    connection.taking = taking;
  }

  @Override
  public boolean send(ByteBuffer frames) {
    check(open, "a closed link was given something");
    boolean taken = connection.send(frames);
    for (String packet : connection.packets) {
      packet(packet);
    }
    connection.forget();
    return taken;
  }

  private void packet(String packet) {
    check(packet.startsWith("<") == attachmentDue, "attachments are not with their packet");
    attachmentDue = packet.startsWith("45") || packet.startsWith("46");
    if (packet.startsWith("40")) {
      check(!connected, "a link was given two CONNECTs");
      connected = true;
    } else if (packet.startsWith("43") || packet.startsWith("46")) {
      answer(packet);
    } else if (!packet.startsWith("<")) {
      check(connected, "an event came before the CONNECT");
      clientEvents.add(number(packet, "[\"u\","));
    }
  }

  private void answer(String packet) {
    int from = packet.startsWith("46") ? 4 : 2;
    int id = Integer.parseInt(packet.substring(from, packet.indexOf('[')));
    Event call = calls.remove(id);
    if (call == null) {
      throw new AssertionError("an answer came to a call that waits for none: " + packet);
    }
    int number = number(packet, "[\"a\",");
    check(call.number == number, "call " + call.number + " got the answer to " + number);
  }

  /** The number behind a start. */
  static int number(String packet, String start) {
    int from = packet.indexOf(start) + start.length();
    int to = from;
    while (to < packet.length() && Character.isDigit(packet.charAt(to))) {
      to++;
    }
    check(from >= start.length() && to > from, "a packet was changed: " + packet);
    return Integer.parseInt(packet, from, to, 10);
  }

  /** The upstream makes a call; says its id. */
  int called(Event call) {
    calls.put(nextCall, call);
    return nextCall++;
  }

  boolean isReading() {
    return connection.reading;
  }

  boolean isTaking() {
    return connection.taking;
  }

  void take(boolean taking) {
    connection.taking = taking;
  }

  @Override
  public void pauseReads(PauseReason reason) {
    connection.pauseReads(reason);
  }

  @Override
  public void resumeReads(PauseReason reason) {
    connection.resumeReads(reason);
  }

  @Override
  public boolean ping() {
    throw new AssertionError("a link has no confirmations to give");
  }

  @Override
  public void close(CloseReason reason) {
    connection.close(reason);
    open = false;
  }
}
