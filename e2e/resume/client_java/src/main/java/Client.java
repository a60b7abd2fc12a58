import io.socket.client.Ack;
import io.socket.client.IO;
import io.socket.client.Socket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.json.JSONObject;

/** The official Java client: says what it sees, line by line. Arguments: URL, name, words, transports. */
public final class Client {
  private Client() {}

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  public static void main(String[] args) throws Exception {
    String name = args[1];
    int words = Integer.parseInt(args[2]);
    IO.Options options =
        IO.Options.builder()
            .setPath("/ws/socket.io")
            .setTransports(args[3].split(","))
            .setReconnectionDelay(100)
            .setReconnectionDelayMax(300)
            .setAuth(Map.of("name", name, "token", "token of " + name))
            .build();
    Socket socket = IO.socket(URI.create(args[0]), options);
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean asked = new AtomicBoolean();
    socket.on(
        Socket.EVENT_CONNECT,
        nothing -> {
          say("connect " + socket.id());
          if (!asked.getAndSet(true)) {
            socket.emit("stream", new JSONObject(Map.of("count", words, "every", 4)));
          }
        });
    socket.on(Socket.EVENT_DISCONNECT, reason -> say("disconnect " + reason[0]));
    socket.onAnyIncoming(event -> say("event " + event[0]));
    socket.on(
        "word",
        values -> {
          say("word " + values[0]);
          if (((Number) values[0]).intValue() == words) {
            socket.emit("echo", new Object[] {"last"}, (Ack) echo -> done.countDown());
          }
        });
    socket.connect();
    if (!done.await(90, TimeUnit.SECONDS)) {
      System.exit(1);
    }
    say("all words");
    // The test cuts the connection once more, and ends this process.
    Thread.sleep(TimeUnit.MINUTES.toMillis(2));
    System.exit(0);
  }
}
