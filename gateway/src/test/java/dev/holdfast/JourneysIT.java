package dev.holdfast;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What {@code docs/architecture.md} lists as the files of a journey is what runs on it. The agent
 * of JaCoCo is reset before each journey and read behind it.
 */
class JourneysIT {
  private static final Path PAGE = Path.of("..", "docs", "architecture.md");

  /** The page lists what runs in each of so many rounds; a timer may fall into some. */
  private static final int ROUNDS = 5;

  private static @Nullable Upstream upstream;

  @BeforeAll
  static void start() {
    assumeTrue(ExecutedFiles.areRecorded(), "skipped: the agent of JaCoCo is switched off");
    upstream = new Upstream();
  }

  @AfterAll
  static void stop() {
    if (upstream != null) {
      upstream.close();
    }
  }

  /** Steps between a client's connection and the end of the journey. */
  private interface Journey {
    /** Brings everything to where the journey begins; what runs here does not count. */
    void prepare() throws Exception;

    void run() throws Exception;
  }

  @Test
  void eventPassesTheFilesOfThePage() throws Exception {
    try (TestCluster nodes = nodes(1)) {
      Tab tab = new Tab(nodes);
      tab.connect(0);
      assertPage(
          "event",
          new Journey() {
            @Override
            public void prepare() {}

            @Override
            public void run() throws Exception {
              upstream().emit("42[\"events\",{\"data\":1}]");
              tab.event();
            }
          });
    }
  }

  @Test
  void resumeOnTheSameNodePassesTheFilesOfThePage() throws Exception {
    try (TestCluster nodes = nodes(1)) {
      assertPage("resume", new Resume(nodes, 0));
    }
  }

  @Test
  void resumeOnAnotherNodePassesTheFilesOfThePage() throws Exception {
    try (TestCluster nodes = nodes(2)) {
      assertPage("resume-elsewhere", new Resume(nodes, 1));
    }
  }

  private static TestCluster nodes(int count) throws Exception {
    return TestCluster.of(
        count, "resume.mode", "argument", "upstreams", upstream().url(), "threads.io", "1");
  }

  private static void assertPage(String journey, Journey steps) throws Exception {
    Set<String> always = new TreeSet<>();
    Set<String> ever = new TreeSet<>();
    for (int round = 0; round < ROUNDS; round++) {
      steps.prepare();
      ExecutedFiles.reset();
      steps.run();
      Set<String> now = ExecutedFiles.settled();
      if (ever.addAll(now) && round == 0) {
        always.addAll(now);
      }
      always.retainAll(now);
    }
    if ("write".equals(System.getProperty("holdfast.docs"))) {
      Files.writeString(PAGE, block(journey).replaceFirst("$1" + list(always)));
    }
    Matcher listed = block(journey);
    assertThat(listed.find()).as(journey).isTrue();
    assertThat(files(listed.group(2)))
        .as("run ./mvnw -pl core,config,gateway verify -Dit.test=JourneysIT -Dholdfast.docs=write")
        .containsAll(always)
        .isSubsetOf(ever);
  }

  private static Matcher block(String journey) throws IOException {
    return Pattern.compile("(<!-- journey " + journey + " -->\n)((?:[^\n]+\n)*)")
        .matcher(Files.readString(PAGE));
  }

  /** Their number, then a line for each package. */
  private static String list(Set<String> files) {
    Map<String, List<String>> packages =
        files.stream()
            .collect(
                groupingBy(
                    file -> file.substring(0, Math.max(0, file.indexOf('.'))),
                    TreeMap::new,
                    mapping(file -> file.substring(file.indexOf('.') + 1), toList())));
    StringBuilder text = new StringBuilder(files.size() + " files:\n");
    packages.forEach(
        (name, types) ->
            text.append("- ")
                .append(name.isEmpty() ? "" : "`" + name + "`: ")
                .append(String.join(", ", types))
                .append('\n'));
    return text.toString();
  }

  private static Set<String> files(String list) {
    Set<String> files = new TreeSet<>();
    Matcher line = Pattern.compile("- (?:`([a-z0-9]+)`: )?(.+)").matcher(list);
    while (line.find()) {
      String prefix = line.group(1) == null ? "" : line.group(1) + ".";
      Stream.of(line.group(2).split(", ", -1)).map(prefix::concat).forEach(files::add);
    }
    return files;
  }

  private static Upstream upstream() {
    if (upstream == null) {
      throw new IllegalStateException("not started");
    }
    return upstream;
  }

  /** A tab whose connection breaks, which misses an event and comes back to a node. */
  private static final class Resume implements Journey {
    private final TestCluster nodes;
    private final int node;
    private final Tab tab;

    private Resume(TestCluster nodes, int node) {
      this.nodes = nodes;
      this.node = node;
      this.tab = new Tab(nodes);
    }

    @Override
    public void prepare() throws Exception {
      tab.abort();
      tab.connect(0);
      upstream().emit("42[\"events\",{\"data\":1}]");
      tab.event();
      tab.abort();
      nodes.node(0).awaitMetric("holdfast_sessions_parked 1.0");
      upstream().emit("42[\"events\",{\"data\":2}]");
      nodes.node(0).awaitMetric("holdfast_events_waiting 2.0");
    }

    @Override
    public void run() throws Exception {
      tab.connect(node);
      tab.event();
    }
  }

  /** A client of one session, over one connection after another. */
  private static final class Tab {
    private final TestCluster nodes;
    private TestClient client = new TestClient();
    private @Nullable WebSocket socket;
    private String pid = "";
    private String offset = "";

    private Tab(TestCluster nodes) {
      this.nodes = nodes;
    }

    void connect(int node) throws Exception {
      client = new TestClient();
      socket = nodes.node(node).webSocket("EIO=4&transport=websocket", client);
      assertThat(client.text()).startsWith("0{");
      String payload =
          pid.isEmpty() ? "" : "{\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"}";
      socket.sendText("40" + payload, true).join();
      String before = pid;
      pid = client.message().replaceFirst("(?s).*\"pid\":\"([^\"]+)\".*", "$1");
      assertThat(before).isIn("", pid);
    }

    void event() throws Exception {
      offset = client.message().replaceFirst(".*\"([^\"]+)\"\\]$", "$1");
    }

    void abort() {
      if (socket != null) {
        socket.abort();
      }
    }
  }

  /** A Socket.IO server that shares no code with Holdfast. */
  private static final class Upstream implements Closeable {
    private static final String OPEN =
        "0{\"sid\":\"x\",\"upgrades\":[],\"pingTimeout\":20000,\"pingInterval\":25000,"
            + "\"maxPayload\":1000000}";

    private final Undertow server;
    private volatile @Nullable WebSocketChannel last;

    private Upstream() {
      HttpHandler socket = Handlers.websocket((exchange, channel) -> opened(channel));
      server =
          Undertow.builder()
              .addHttpListener(0, "127.0.0.1")
              .setIoThreads(1)
              .setHandler(
                  exchange -> {
                    if (exchange.getRequestPath().equals("/ws/socket.io/")) {
                      socket.handleRequest(exchange);
                    }
                  })
              .build();
      server.start();
    }

    private void opened(WebSocketChannel channel) {
      channel
          .getReceiveSetter()
          .set(
              new AbstractReceiveListener() {
                @Override
                protected void onFullTextMessage(
                    WebSocketChannel sender, BufferedTextMessage message) {
                  if (message.getData().startsWith("40")) {
                    last = sender;
                    WebSockets.sendText("40{\"sid\":\"of-the-upstream\"}", sender, null);
                  }
                }
              });
      channel.resumeReceives();
      WebSockets.sendText(OPEN, channel, null);
    }

    /** Sends a packet over the link that was connected last. */
    void emit(String packet) throws IOException {
      WebSocketChannel channel = last;
      if (channel == null) {
        throw new IOException("there is no link");
      }
      WebSockets.sendTextBlocking(packet, channel);
    }

    String url() {
      return "http://127.0.0.1:"
          + ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public void close() {
      server.stop();
    }
  }
}
