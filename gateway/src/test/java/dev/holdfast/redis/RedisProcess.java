package dev.holdfast.redis;

import dev.holdfast.FreePort;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.embedded.RedisExecProvider;

/**
 * A real redis-server on a free port of the loopback address, which keeps nothing on disk; in its
 * place a valkey-server in a container by {@code -Dredis.image=NAME}.
 */
public final class RedisProcess implements Closeable {
  private static final int TRIES = 400;

  private final List<String> options;
  private final int port;
  private Running server;

  /** The program, wherever it runs. */
  interface Running {
    boolean isAlive();

    /** Stops it as SIGSTOP does. */
    void pause() throws IOException, InterruptedException;

    void resume() throws IOException, InterruptedException;

    /** Returns when it has ended. */
    void kill() throws InterruptedException;
  }

  private RedisProcess(int port, List<String> options) throws IOException {
    this.port = port;
    this.options = options;
    this.server = spawn();
  }

  /** A Sentinel that keeps what it learns in this file. */
  static RedisProcess sentinel(Path file) throws IOException, InterruptedException {
    List<String> options = List.of(file.toString(), "--sentinel");
    RedisProcess redis = new RedisProcess(FreePort.find(), options);
    redis.awaitUp();
    return redis;
  }

  /** One that answers. */
  public static RedisProcess start(String... options) throws IOException, InterruptedException {
    RedisProcess redis = new RedisProcess(FreePort.find(), List.of(options));
    redis.awaitUp();
    return redis;
  }

  private Running spawn() throws IOException {
    List<String> arguments = new ArrayList<>();
    boolean sentinel = options.contains("--sentinel");
    if (sentinel) {
      arguments.addAll(options);
    }
    arguments.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    if (!sentinel) {
      arguments.addAll(List.of("--save", "", "--appendonly", "no", "--dir", directory()));
      arguments.addAll(options);
    }
    String image = System.getProperty("redis.image");
    return image == null
        ? LocalServer.start(RedisExecProvider.defaultProvider().get(), arguments)
        : ContainedServer.start(image, directory(), arguments);
  }

  private static String directory() {
    return System.getProperty("java.io.tmpdir");
  }

  private void awaitUp() throws InterruptedException {
    for (int tries = 0; !answers(); tries++) {
      if (tries == TRIES || !server.isAlive()) {
        throw new AssertionError("redis-server does not start");
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private boolean answers() {
    try (Jedis jedis = jedis()) {
      jedis.ping();
      return true;
    } catch (JedisException e) {
      return String.valueOf(e.getMessage()).startsWith("NOAUTH");
    }
  }

  public int port() {
    return port;
  }

  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  /** A connection for the test itself. */
  public Jedis jedis() {
    return new Jedis("127.0.0.1", port, 5000);
  }

  /** What the test itself would say by redis-cli. */
  public void command(String name, String... arguments) {
    try (Jedis jedis = jedis()) {
      jedis.sendCommand(() -> name.getBytes(StandardCharsets.US_ASCII), arguments);
    }
  }

  /** Connections stay open, and nothing is answered. */
  public void pause() throws IOException, InterruptedException {
    server.pause();
  }

  public void resume() throws IOException, InterruptedException {
    server.resume();
  }

  /** Nobody listens any more. */
  public void kill() throws InterruptedException {
    server.kill();
  }

  /** At the same port, and empty. */
  public void startAgain() throws IOException, InterruptedException {
    server = spawn();
    awaitUp();
  }

  @Override
  public void close() {
    try {
      server.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
