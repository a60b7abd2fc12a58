package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands that reach running nodes, over the admin port of one that answers as it is told. */
class RemoteCommandsTest {
  private static final String SESSION =
      "{'sid':'s1','user':'u1','node':'a','upstream':'x:80','address':'192.0.2.1',"
          + "'since':1,'state':'live'}";

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private int status = 200;
  private HttpServer admin;
  private String address;

  @BeforeEach
  void open() throws IOException {
    admin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    admin.createContext("/", this::answer);
    admin.start();
    address = "127.0.0.1:" + admin.getAddress().getPort();
  }

  @AfterEach
  void close() {
    admin.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    String body = answers.getOrDefault(path.replace("/api/v1", ""), "{'error':'no such page'}");
    byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    boolean open =
        "Bearer 0123456789abcdef".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    exchange.sendResponseHeaders(open ? status : 401, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private Ran run(String command, String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = command;
    all[1] = "--admin";
    all[2] = address;
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return Ran.in(Map.of("HOLDFAST_ADMIN_TOKEN", "0123456789abcdef"), all);
  }

  @Test
  void nodesAreATable() {
    answers.put(
        "/nodes",
        "{'nodes':[{'id':'a','address':'192.0.2.9:8000','version':'1','draining':false,"
            + "'sessions':12,'parked':3},{'id':'node-b','address':'','version':'','draining':true,"
            + "'sessions':0,'parked':0}]}");

    Ran ran = run("nodes");

    assertThat(ran.code()).isZero();
    assertThat(ran.out().lines())
        .containsExactly(
            "NODE    STATE     SESSIONS  PARKED  ADDRESS         VERSION",
            "a       ready     12        3       192.0.2.9:8000  1",
            "node-b  draining  0         0       -               -");
  }

  @Test
  void sessionsAreFilteredByTheNodes() {
    answers.put("/sessions", "{'sessions':[" + SESSION + "],'total':5}");

    Ran ran =
        run("sessions", "--user", "u&1", "--parked", "--upstream", "https://X", "--limit", "1");

    assertThat(ran.out().lines().findFirst().orElseThrow())
        .isEqualTo("SID  USER  NODE  UPSTREAM  CLIENT     STATE  AGE");
    assertThat(ran.out()).contains("s1   u1    a     x:80      192.0.2.1  live ", "and 4 more");
    assertThat(asked.get(0)).contains("user=u%261", "state=parked", "upstream=x%3A443", "limit=1");
  }

  @Test
  void jsonIsTheAnswerOfTheNode() {
    answers.put("/sessions", "{'sessions':[],'total':0}");

    assertThat(run("sessions", "--json"))
        .isEqualTo(new Ran(0, "{\"sessions\":[],\"total\":0}\n", ""));
    assertThat(run("sessions")).isEqualTo(new Ran(0, "no sessions\n", ""));
  }

  @Test
  void whySaysItInWords() {
    answers.put(
        "/why",
        "{'silent':['b'],'sessions':[{'sid':'s1','user':'','node':'a','upstream':'x:80',"
            + "'address':'192.0.2.1','since':1,'state':'parked','choice':'switched-over',"
            + "'because':'its upstream was drained','transport':'none','throughNode':false,"
            + "'transports':2,'lastClose':'client-lost','lastResume':'recovered',"
            + "'outboxBytes':2048,'secondsLeft':61}]}");

    Ran ran = run("why", "s1");

    assertThat(ran.err()).isEqualTo("holdfast: node b did not answer\n");
    assertThat(ran.out())
        .contains("session s1\n  user          not known\n")
        .contains("  upstream      x:80: its upstream was drained\n")
        .contains("  state         parked, ends in 1m1s unless that changes\n")
        .contains("  transport     none (transports so far: 2)\n")
        .contains("  last close    client-lost\n  last resume   recovered\n")
        .contains("  outbox        2048 bytes\n");
  }

  @Test
  void kickWaitsUntilTheSessionIsGone() {
    answers.put("/kick", "{'sessions':[" + SESSION + "]}");
    answers.put("/sessions", "{'sessions':[],'total':0}");

    assertThat(run("kick", "s1")).isEqualTo(new Ran(0, "s1 on node a is gone\n", ""));
    assertThat(asked).startsWith("POST /api/v1/kick?sid=s1");
    assertThat(run("kick", "--user", "u1", "--json").out()).contains("\"ended\":1", "\"left\":[]");
  }

  @Test
  void drainSaysWhatIsLeft() {
    answers.put("/drain", "{'nodes':['a'],'silent':[]}");
    answers.put("/upstreams", "{'upstreams':[],'silent':[]}");
    answers.put(
        "/nodes",
        "{'nodes':[{'id':'a','address':'','version':'','draining':true,'sessions':2,'parked':0}]}");

    assertThat(run("drain", "--upstream", "http://x")).isEqualTo(new Ran(0, "x:80 is empty\n", ""));
    assertThat(run("drain", "a", "--no-wait")).isEqualTo(new Ran(0, "a is being drained\n", ""));
    assertThat(run("drain", "gone").out()).isEqualTo("gone is empty\n");
    answers.put("/undrain", "{'nodes':['a'],'silent':[]}");
    assertThat(run("undrain", "--upstream", "http://x:1").out())
        .isEqualTo("sessions may go to x:1 again\n");
  }

  @Test
  void nobodyOfThatNameIsThree() {
    status = 404;
    answers.put("/kick", "{'error':'there is no session s9'}");

    assertThat(run("kick", "s9")).isEqualTo(new Ran(3, "", "holdfast: there is no session s9\n"));
  }

  @Test
  void whatCannotBeAskedIsOne() {
    status = 404;

    assertThat(run("nodes"))
        .isEqualTo(new Ran(1, "", "holdfast: there is no admin API at " + address + "\n"));
    admin.stop(0);
    assertThat(run("nodes").err())
        .startsWith("holdfast: no answer from the admin port at " + address);
  }

  @Test
  void whatIsMissingIsTwo() {
    assertThat(run("kick").code()).isEqualTo(2);
    assertThat(run("kick", "s1", "--user", "u1").code()).isEqualTo(2);
    assertThat(run("drain").code()).isEqualTo(2);
    assertThat(Ran.command("nodes", "--admin", "x").err())
        .contains("--admin must be host:port, such as 127.0.0.1:9000, not x");
    assertThat(Ran.command("nodes", "--set", "admin.listen=off").err())
        .contains("admin.listen is off and redis.url is not set: there is no node to query");
  }
}
