package dev.holdfast.cli.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.admin.Api;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All running nodes. Every call blocks for seconds at most. Thread-safe. */
public final class Remote implements Closeable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int FAILED = 400;

  private final Line line;

  /** How a call gets there. */
  interface Line extends Closeable {
    /** Calls the API of the nodes. */
    Api.Reply call(Api.Call call) throws IOException;
  }

  private Remote(Line line) {
    this.line = line;
  }

  /**
   * The nodes at this admin port or, without one, those that share the Redis of the settings; with
   * neither, the node that runs with these settings on this machine.
   *
   * @throws IOException if a file of the settings cannot be used
   */
  public static Remote of(Settings settings, Optional<HostPort> admin) throws IOException {
    if (admin.isEmpty() && settings.redis().url().isPresent()) {
      return new Remote(new RedisLine(settings));
    }
    HostPort address = admin.or(() -> settings.admin().listen()).orElseThrow();
    return new Remote(new HttpLine(address, settings.admin().token()));
  }

  /** Asks something. */
  public JsonNode get(String path, Map<String, String> query) throws IOException {
    return call("GET", path, query);
  }

  /** Tells the nodes to do something. */
  public JsonNode post(String path, Map<String, String> query) throws IOException {
    return call("POST", path, query);
  }

  private JsonNode call(String method, String path, Map<String, String> query) throws IOException {
    Api.Reply reply = line.call(new Api.Call(method, path, query));
    if (reply.status() >= FAILED) {
      throw new RefusedException(reply.status(), reply.body().path("error").asText());
    }
    return reply.body();
  }

  /** The rows of an answer. */
  public static <T> List<T> rows(JsonNode answer, String name, Class<T[]> kind) throws IOException {
    try {
      return List.of(JSON.treeToValue(answer.path(name), kind));
    } catch (JsonProcessingException e) {
      throw new IOException("the node is of another version than this command: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    line.close();
  }
}
