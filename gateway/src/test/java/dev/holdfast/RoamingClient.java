package dev.holdfast;

import java.net.http.WebSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Socket.IO client whose every request goes to a random node. It counts the events that it sends,
 * and handles the echo of each; some of what has arrived it forgets with a lost connection.
 */
final class RoamingClient {
  private static final Pattern PID = Pattern.compile("\"sid\":\"([^\"]+)\",\"pid\":\"([^\"]+)\"");
  private static final Pattern EVENT = Pattern.compile("42\\[\"e\",(\\d+),\"([^\"]+)\"]");
  private static final Pattern MARKER = Pattern.compile("42\\[\"~o\",\"([^\"]+)\"]");
  private static final char SEPARATOR = '\u001e';

  private final TestCluster cluster;
  private final Random random;
  private final List<Integer> handled = new ArrayList<>();
  private final Deque<String> offsets = new ArrayDeque<>();
  private String sid = "";
  private String pid = "";
  private String engine = "";
  private @Nullable WebSocket socket;
  private TestClient client = new TestClient();
  private int sent;

  RoamingClient(TestCluster cluster, Random random) {
    this.cluster = cluster;
    this.random = random;
  }

  private TestNode any() {
    return cluster.node(random.nextInt(cluster.size()));
  }

  /** The session as Socket.IO names it. */
  String sid() {
    return sid;
  }

  /** Numbers of the events that were handled, in this order. */
  List<Integer> handled() {
    return handled;
  }

  /** Opens a transport and connects; with polling it may upgrade. */
  void comeIn(boolean polling) throws InterruptedException {
    if (polling) {
      engine = any().openPolling();
    } else {
      client = new TestClient();
      socket = any().webSocket("EIO=4&transport=websocket", client);
      client.text();
    }
    String offset = offsets.isEmpty() ? "" : ",\"offset\":\"" + offsets.getLast() + "\"";
    say("40" + (pid.isEmpty() ? "" : "{\"pid\":\"" + pid + "\"" + offset + "}"));
    String before = sid;
    sid = "";
    while (sid.isEmpty()) {
      hear();
    }
    // What was forgotten comes again.
    while (!before.isEmpty() && handled.size() < sent) {
      hear();
    }
    if (polling && random.nextBoolean()) {
      upgrade();
    }
  }

  private void upgrade() throws InterruptedException {
    client = new TestClient();
    WebSocket next = any().webSocket("EIO=4&transport=websocket&sid=" + engine, client);
    next.sendText("2probe", true).join();
    while (!client.text().equals("3probe")) {
      // Nothing else may come here.
      throw new AssertionError("no 3probe");
    }
    next.sendText("5", true).join();
    socket = next;
  }

  /** Sends so many events, and handles their echoes. */
  void exchange(int events) throws InterruptedException {
    int until = sent + events;
    while (sent < until) {
      say("42[\"e\"," + sent++ + "]");
    }
    while (handled.size() < until) {
      hear();
    }
  }

  /** The connection breaks, and so many of the last events were never handled. */
  void loseConnection(int forgotten) {
    if (socket == null) {
      any().post(engine, "1");
    } else {
      socket.abort();
      socket = null;
    }
    handled.subList(handled.size() - forgotten, handled.size()).clear();
    for (int i = 0; i < forgotten; i++) {
      offsets.removeLast();
    }
  }

  private void say(String packet) {
    if (socket == null) {
      String answer = any().post(engine, packet).body();
      if (!answer.equals("ok")) {
        throw new AssertionError(answer);
      }
    } else {
      socket.sendText(packet, true).join();
    }
  }

  private void hear() throws InterruptedException {
    String heard = socket == null ? any().poll("&sid=" + engine).body() : client.text();
    for (String packet : heard.split(String.valueOf(SEPARATOR), -1)) {
      Matcher event = EVENT.matcher(packet);
      Matcher reply = PID.matcher(packet);
      Matcher marker = MARKER.matcher(packet);
      if (packet.equals("2")) {
        say("3");
      } else if (marker.matches()) {
        offsets.add(marker.group(1));
      } else if (event.matches()) {
        handled.add(Integer.valueOf(event.group(1)));
        offsets.add(event.group(2));
      } else if (packet.startsWith("40") && reply.find()) {
        sid = reply.group(1);
        pid = reply.group(2);
      } else {
        throw new AssertionError("unexpected: " + heard);
      }
    }
  }
}
