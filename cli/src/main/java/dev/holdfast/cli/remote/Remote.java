package dev.holdfast.cli.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.admin.AdminToken;
import dev.holdfast.admin.Api;
import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.IpLiteral;
import dev.holdfast.config.Settings;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The running nodes. Every call blocks for a few seconds at most. Thread-safe. */
public final class Remote implements Closeable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int FAILED = 400;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Line line;

  /** The transport of calls. */
  interface Line extends Closeable {
    /** Calls the API of the nodes. */
    Api.Reply call(Api.Call call) throws IOException;
  }

  private Remote(Line line) {
    this.line = line;
  }

  /**
   * Connects to the nodes at this admin port or, without one, to those that share the configured
   * Redis; with neither, to the node with these settings on this machine. A node of this machine
   * receives the token from its file if none is configured.
   *
   * @throws IOException if a configured file cannot be used
   */
  public static Remote of(Settings settings, Optional<HostPort> admin) throws IOException {
    if (admin.isEmpty() && settings.redis().url().isPresent()) {
      return new Remote(new RedisLine(settings));
    }
    HostPort address = admin.or(() -> settings.get(EdgeKeys.ADMIN_LISTEN)).orElseThrow().fromHere();
    Optional<String> token = settings.get(EdgeKeys.ADMIN_TOKEN);
    if (token.isPresent() || !isHere(address, settings)) {
      return new Remote(new HttpLine(address, token, "", TIMEOUT));
    }
    List<Path> files = settings.get(EdgeKeys.ADMIN_TOKEN_FILE);
    Optional<AdminToken> kept = AdminToken.read(files);
    String problem =
        kept.map(it -> ", which is not the one in " + it.file())
            .orElseGet(() -> ", and none could be read from " + joined(files));
    return new Remote(new HttpLine(address, kept.map(AdminToken::value), problem, TIMEOUT));
  }

  private static String joined(List<Path> files) {
    return files.stream().map(Path::toString).collect(Collectors.joining(" or "));
  }

  /** Keeps the token of this machine's node from other machines. */
  private static boolean isHere(HostPort address, Settings settings) {
    return address.host().equals("localhost")
        || IpLiteral.parse(address.host()).filter(InetAddress::isLoopbackAddress).isPresent()
        || settings
            .get(EdgeKeys.ADMIN_LISTEN)
            .map(HostPort::fromHere)
            .filter(address::equals)
            .isPresent();
  }

  /** Sends a query. */
  public JsonNode get(String path, Map<String, String> query) throws IOException {
    return call("GET", path, query);
  }

  /** Sends a command. */
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

  /** Returns the rows of an answer. */
  public static <T> List<T> rows(JsonNode answer, String name, Class<T[]> kind) throws IOException {
    try {
      return List.of(JSON.treeToValue(answer.path(name), kind));
    } catch (JsonProcessingException e) {
      throw new IOException(
          "the node runs a different version than this command: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    line.close();
  }
}
