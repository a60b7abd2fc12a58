package dev.holdfast.engineio;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Fuzz;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The polling endpoints against requests near and far from what they allow, over real sockets. */
class PollingFuzzIT {
  private static final int INPUTS = 10_000;
  private static final Set<Integer> STATUSES = Set.of(200, 204, 400, 403, 404, 405, 413, 503);
  private static final long MAX_PAYLOAD = 2_000;

  /** What the run may leave on the heap; a session is some kilobytes. */
  private static final long MEMORY = 32L * 1024 * 1024;

  private EngineEcho server = start();
  private @Nullable RawClient client;
  private String sid = "none";
  private boolean ended;
  private long inputs;
  private long taken;

  private static EngineEcho start() {
    return EngineEcho.start(
        0, new Application.Terms(Duration.ofMillis(50), Duration.ofMillis(950), MAX_PAYLOAD));
  }

  @BeforeEach
  void warm() throws IOException {
    for (int i = 0; i < 100; i++) {
      open();
    }
  }

  @AfterEach
  void stop() throws IOException {
    if (client != null) {
      client.close();
    }
    server.close();
  }

  @Test
  void everyRequestIsAnsweredAndNothingStays() throws IOException {
    long before = used();

    Fuzz.run(
        INPUTS,
        random -> {
          try {
            exchange(random);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });

    // The inputs are near enough to the protocol to get behind its checks.
    assertThat(taken).isBetween(inputs / 10, inputs * 9 / 10);
    assertThat(echoed("4still here")).isEqualTo("4still here");
    await(() -> server.sessions() == 0);
    assertThat(server.bufferBytes()).isZero();
    assertThat(used() - before).isLessThan(MEMORY);
  }

  private void exchange(SplittableRandom random) throws IOException {
    if (ended) {
      open();
    }
    String method = method(random);
    byte[] body = method.equals("POST") ? body(random) : new byte[0];
    RawClient.Response response = request(method, target(random, method), body, header(random));
    assertThat(STATUSES).contains(response.status());
    ended = response.status() != 200 && random.nextBoolean();
    taken += response.body().equals("ok") ? 1 : 0;
    inputs++;
    if (response.headers().getOrDefault("content-type", "").equals("application/json")) {
      assertThat(response.body())
          .matches(
              "\\{\"code\":[0-6],\"message\":\"[A-Za-z ]+\"(,\"detail\":\"[^\"\\\\\\p{Cntrl}]+\")?}");
    }
  }

  private static String method(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> "GET";
      case 1 -> "PUT";
      case 2 -> "OPTIONS";
      case 3 -> random.nextBoolean() ? "DELETE" : "PATCH";
      default -> "POST";
    };
  }

  private String target(SplittableRandom random, String method) {
    boolean known = method.equals("POST") && random.nextInt(3) > 0;
    String query =
        known
            ? "EIO=4&transport=polling&sid=" + sid
            : Fuzz.text(
                random,
                6,
                "EIO=4&",
                "EIO=3&",
                "eio=%34&",
                "transport=polling&",
                "transport=websocket&",
                "transport=&",
                "sid=nobody&",
                "sid=&",
                "sid=%00%ff&",
                "sid=" + "x".repeat(300) + "&",
                "t=1&",
                "j=0&",
                "b64=1&",
                "&&=&",
                "%zz&",
                "a=b?c/d&");
    String path = random.nextInt(20) == 0 ? "/engine.io" : "/engine.io/";
    return path + "?" + query;
  }

  private static byte[] body(SplittableRandom random) {
    if (random.nextInt(200) == 0) {
      return new byte[(int) MAX_PAYLOAD + random.nextInt(2)];
    }
    if (random.nextInt(4) == 0) {
      return Fuzz.bytes(random, 60);
    }
    byte[] bytes =
        Fuzz.text(random, 12, "4hello", "4€", "3", "2", "1", "6", "bAQ==", "b*", "\u001e", "\u001e")
            .getBytes(UTF_8);
    return random.nextBoolean() ? bytes : Fuzz.damaged(random, bytes);
  }

  private static String header(SplittableRandom random) {
    return switch (random.nextInt(12)) {
      case 0 -> "Content-Type: application/octet-stream\r\n";
      case 1 -> "Content-Type: text/plain;charset=UTF-8\r\n";
      case 2 -> "Origin: http://" + Fuzz.text(random, 3, "a", ".", "%", "é") + "\r\n";
      case 3 -> "Upgrade: websocket\r\nConnection: keep-alive\r\n";
      case 4 -> "Accept-Encoding: gzip\r\n";
      default -> "";
    };
  }

  private void open() throws IOException {
    RawClient.Response response =
        request("GET", "/engine.io/?EIO=4&transport=polling", new byte[0], "");
    assertThat(response.status()).isEqualTo(200);
    String body = response.body();
    sid = body.substring(body.indexOf("sid\":\"") + 6, body.indexOf("\",\"upgrades"));
  }

  private String echoed(String packet) throws IOException {
    open();
    String target = "/engine.io/?EIO=4&transport=polling&sid=" + sid;
    assertThat(request("POST", target, packet.getBytes(UTF_8), "").body()).isEqualTo("ok");
    List<String> packets = List.of();
    while (packets.isEmpty()) {
      String[] came = request("GET", target, new byte[0], "").body().split("\u001e", -1);
      // The interval of pings is short.
      packets = Stream.of(came).filter(it -> !it.equals("2")).toList();
    }
    return String.join("\u001e", packets);
  }

  private RawClient.Response request(String method, String target, byte[] body, String header)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String head =
        method
            + " "
            + target
            + " HTTP/1.1\r\nHost: a\r\n"
            + header
            + "Content-Length: "
            + body.length;
    bytes.writeBytes((head + "\r\n\r\n").getBytes(ISO_8859_1));
    bytes.writeBytes(body);
    RawClient connection = client == null ? new RawClient(server.port()) : client;
    client = connection;
    connection.send(bytes.toByteArray());
    RawClient.Response response = connection.read(false);
    if (!response.keepsAlive()) {
      connection.close();
      client = null;
    }
    return response;
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("still waiting").isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
