package dev.holdfast.redis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.ConfigException;
import dev.holdfast.config.Configuration;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.metrics.RedisMetrics;
import dev.holdfast.time.SteadyClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What Holdfast makes of sets of variables, in the form of {@code e2e/redis/oracle.py}: one line of
 * JSON in, one out. Nodes that connect stay; for each further line it says again how they are.
 */
public final class Connecting {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int AT_ONCE = 24;

  private Connecting() {}

  /** One set of variables. */
  private static final class Attempt {
    private final String name;
    private final Map<String, String> variables = new HashMap<>();
    private Optional<RedisCluster> node = Optional.empty();
    private int database;
    private String said = "";

    Attempt(JsonNode attempt, int number) {
      name = attempt.path("name").asText();
      attempt
          .path("env")
          .properties()
          .forEach(it -> variables.put(it.getKey(), it.getValue().asText()));
      variables.put("HOLDFAST_REDIS_PREFIX", "case-" + number);
      variables.put("HOLDFAST_NODE_BEAT", "200ms");
    }

    Attempt begin(int number) throws IOException {
      try {
        var settings = Configuration.load(List.of(), variables, Optional.empty()).settings();
        if (settings.redis().url().isEmpty()) {
          said = "no client";
          return this;
        }
        database = settings.redis().url().get().database();
        RedisCluster made =
            RedisCluster.start(
                settings, new NodeId("n" + number), new RedisMetrics(new Metrics().registry()));
        made.join(InetSocketAddress.createUnresolved("127.0.0.1", 1));
        node = Optional.of(made);
      } catch (ConfigException | IOException e) {
        said = String.valueOf(e.getMessage());
      }
      return this;
    }

    /** Waits until it is connected, for as long as that may take. */
    ObjectNode result() throws InterruptedException {
      long end = SteadyClock.nanoTime() + TIMEOUT.toNanos();
      while (node.isPresent()
          && node.get().problem().isPresent()
          && SteadyClock.nanoTime() - end < 0) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      Optional<String> problem = node.map(RedisCluster::problem).orElse(Optional.of(said));
      return JSON.createObjectNode()
          .put("name", name)
          .put("connects", problem.isEmpty())
          .put("database", database)
          .put("said", problem.orElse(""));
    }
  }

  /** Without arguments. */
  public static void main(String[] arguments) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<Attempt> attempts = new ArrayList<>();
    for (JsonNode each : JSON.readTree(in.readLine())) {
      attempts.add(new Attempt(each, attempts.size()));
    }
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<ObjectNode>> results = new ArrayList<>();
      for (int i = 0; i < attempts.size(); i++) {
        Attempt attempt = attempts.get(i);
        int number = i;
        results.add(threads.submit(() -> attempt.begin(number).result()));
      }
      say(results);
      while (in.readLine() != null) {
        results.clear();
        attempts.forEach(attempt -> results.add(threads.submit(attempt::result)));
        say(results);
      }
    } finally {
      threads.shutdownNow();
      attempts.forEach(attempt -> attempt.node.ifPresent(RedisCluster::close));
    }
  }

  private static void say(List<Future<ObjectNode>> results) throws Exception {
    List<ObjectNode> rows = new ArrayList<>();
    for (Future<ObjectNode> each : results) {
      rows.add(each.get());
    }
    System.out.println(JSON.writeValueAsString(rows));
  }
}
