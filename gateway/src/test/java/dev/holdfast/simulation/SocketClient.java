package dev.holdfast.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A page's socket, as socket.io-client 4.7 has it: it comes back by itself, with its offset. */
final class SocketClient implements EngineClient.Listener {
  private static final long RECONNECT = Duration.ofSeconds(1).toNanos();
  private static final long MOST_RECONNECT = Duration.ofSeconds(5).toNanos();
  private static final Duration MOST_THOUGHT = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofSeconds(5);

  /** Something that the page wants to say. */
  private static final class Wish {
    private final int size;
    private final boolean binary;
    private int id = -1;
    private boolean done;

    private Wish(int size, boolean binary) {
      this.size = size;
      this.binary = binary;
    }
  }

  private final Browser browser;
  private final World world;
  private final Page page;
  private final EngineClient.Transport transport;
  private final boolean retries;
  private final Deque<Wish> sendBuffer = new ArrayDeque<>();
  private final Deque<Wish> retryQueue = new ArrayDeque<>();
  private @Nullable EngineClient engine;
  private @Nullable String pid;
  private @Nullable String offset;
  private @Nullable String half;
  private boolean connected;
  private boolean left;
  private int attempts;
  private int ids;

  SocketClient(Browser browser, Page page, EngineClient.Transport transport, boolean retries) {
    this.browser = browser;
    this.world = browser.world();
    this.page = page;
    this.transport = transport;
    this.retries = retries;
  }

  private void say(String what) {
    world.trace().say(world.now(), page.token(), what);
  }

  void connect() {
    if (!left) {
      half = null;
      EngineClient next = new EngineClient(browser, transport, this);
      engine = next;
      next.start();
    }
  }

  boolean isConnected() {
    return connected;
  }

  @Nullable EngineClient engine() {
    return engine;
  }

  /** The page goes. */
  void leave() {
    left = true;
    EngineClient now = engine;
    if (now != null) {
      if (connected) {
        now.write(new EngineClient.Outgoing("41", false, taken -> {}));
      }
      now.leave();
    }
  }

  @Override
  public void opened() {
    String request = pid == null ? "" : ",\"pid\":\"" + pid + "\"";
    request += pid == null || offset == null ? "" : ",\"offset\":\"" + offset + "\"";
    String connect = "40{\"token\":\"" + page.token() + "\"" + request + "}";
    page.connects(request);
    if (engine != null) {
      engine.write(new EngineClient.Outgoing(connect, false, taken -> {}));
    }
  }

  @Override
  public void closed(String why) {
    say("disconnected: " + why);
    if (connected) {
      page.disconnected();
    }
    connected = false;
    if (!left) {
      long wait = Math.min(MOST_RECONNECT, RECONNECT << Math.min(attempts++, 4));
      wait = wait / 2 + world.random().nextLong(wait);
      browser.loop().after(Duration.ofNanos(wait), this::connect);
    }
  }

  @Override
  public void text(String packet) {
    if (packet.startsWith("40")) {
      connected(packet);
    } else if (packet.startsWith("42")) {
      event(packet);
    } else if (packet.startsWith("45")) {
      half = packet;
    } else if (packet.startsWith("43")) {
      acknowledged(Numbers.after(packet, "43"));
    } else {
      throw new Violation("a client was sent " + packet);
    }
  }

  @Override
  public void binary(byte[] attachment) {
    String whole = half;
    half = null;
    Violation.unless(whole != null, "an attachment came without its packet");
    event(String.valueOf(whole));
  }

  private void connected(String packet) {
    String sid = packet.replaceFirst(".*\"sid\":\"([^\"]*)\".*", "$1");
    String given =
        packet.contains("\"pid\"") ? packet.replaceFirst(".*\"pid\":\"([^\"]*)\".*", "$1") : null;
    boolean recovered = given != null && given.equals(pid);
    boolean asked = pid != null;
    if (connected) {
      page.relinked(sid);
    } else if (recovered) {
      page.recovered(sid);
    } else {
      page.fresh(sid, asked);
    }
    pid = given;
    attempts = 0;
    connected = true;
    while (connected && !sendBuffer.isEmpty()) {
      send(sendBuffer.remove());
    }
    if (connected && !retryQueue.isEmpty()) {
      tryFirst(retryQueue.element());
    }
  }

  private void event(String packet) {
    int json = packet.indexOf('[');
    int from = packet.startsWith("45") ? packet.indexOf('-') + 1 : 2;
    Violation.unless(connected, "an event came before the CONNECT reply");
    long id = from == json ? -1 : Long.parseLong(packet, from, json, 10);
    int number = Numbers.after(packet, "\"n\":");
    if (packet.startsWith("[\"call\"", json)) {
      think(id, number);
      return;
    }
    if (!packet.startsWith("[\"~o\"", json)) {
      page.handled(number);
    }
    if (pid != null && packet.endsWith("\"]")) {
      offset = packet.substring(packet.lastIndexOf('"', packet.length() - 3) + 1).split("\"", 2)[0];
      page.offsetTaken();
    }
  }

  /** A handler answers a call when it has found out, in whichever session that is. */
  private void think(long id, int number) {
    long time = world.random().nextLong(MOST_THOUGHT.toNanos());
    browser
        .loop()
        .after(
            Duration.ofNanos(time),
            () -> {
              if (engine != null) {
                String answer = "43" + id + "[{\"a\":" + number + "}]";
                engine.write(new EngineClient.Outgoing(answer, false, taken -> {}));
              }
            });
  }

  /** The page says something of this size. */
  void emit(int size, boolean binary) {
    Wish wish = new Wish(size, binary);
    if (retries) {
      retryQueue.add(wish);
      if (connected && retryQueue.size() == 1) {
        tryFirst(wish);
      }
    } else if (connected) {
      send(wish);
    } else {
      sendBuffer.add(wish);
    }
  }

  private void tryFirst(Wish wish) {
    wish.id = ids++;
    send(wish);
    int tried = wish.id;
    browser
        .loop()
        .after(
            RETRY,
            () -> {
              if (!wish.done && wish.id == tried && connected) {
                tryFirst(wish);
              }
            });
  }

  private void acknowledged(int id) {
    Wish first = retryQueue.peek();
    if (first != null && first.id == id) {
      first.done = true;
      retryQueue.remove();
      if (!retryQueue.isEmpty()) {
        tryFirst(retryQueue.element());
      }
    }
  }

  private void send(Wish wish) {
    EngineClient now = engine;
    if (now == null) {
      return;
    }
    Page.Taken[] taken = {() -> false};
    int number = page.transmission(wish.size, () -> taken[0].isTaken());
    String id = wish.id < 0 ? "" : String.valueOf(wish.id);
    String half = "x".repeat(wish.size / 2);
    String data = "[\"up\",{\"t\":" + number + ",\"p\":\"" + half + "\"";
    if (wish.binary) {
      String text = "451-" + id + data + ",\"b\":{\"_placeholder\":true,\"num\":0}}]";
      now.write(new EngineClient.Outgoing(text, false, by -> {}));
      now.write(new EngineClient.Outgoing(half + "abc", true, by -> taken[0] = by));
    } else {
      String text = "42" + id + data + ",\"q\":\"" + half + "\"}]";
      now.write(new EngineClient.Outgoing(text, false, by -> taken[0] = by));
    }
  }
}
