package dev.holdfast.engineio;

import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.message;
import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.fuzz.Parser;
import dev.holdfast.protocol.Message;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.net.URLDecoder;
import java.util.List;
import java.util.Optional;

/** What the Engine.IO endpoint reads of requests and of other nodes. */
public final class EngineParsers {
  private static final String ENDPOINT = "/ws/socket.io/";

  /** No head has more. */
  private static final int MAX_FIELDS = 127;

  private static final EndpointPath PATH = new EndpointPath(ENDPOINT);

  private EngineParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(endpointPath(), engineQuery(), upgradeHeaders(), spliceControl());
  }

  private static Parser endpointPath() {
    return Parser.of(
            "endpoint-path",
            input -> PATH.read(latin(input)),
            (input, random) -> {
              String asked = latin(input);
              EndpointPath.Reading reading = PATH.read(asked);
              boolean exact = asked.equals(ENDPOINT) || asked.equals("/ws/socket.io");
              require((reading == EndpointPath.Reading.EXACT) == exact, "exact is byte for byte");
              require(
                  reading != EndpointPath.Reading.OTHER || !leadsThere(asked),
                  "a server that decodes it once does not get there");
            },
            ENDPOINT,
            "/ws/socket.io",
            "/ws/%73ocket.io/",
            "//ws/./socket.io/../socket.io/x",
            "/ws;a=b/socket.io/",
            "/api/v1/chats")
        .tokens(
            "/",
            "ws",
            "socket.io",
            "%2f",
            "%73",
            "%25",
            "%2573",
            "..",
            ".",
            ";",
            "\\",
            "%5C",
            "//",
            "WS",
            "%",
            "%zz");
  }

  private static boolean leadsThere(String asked) {
    try {
      return URLDecoder.decode(asked.replace("+", "%2B"), ISO_8859_1).startsWith(ENDPOINT);
    } catch (IllegalArgumentException notAnEscape) {
      return false;
    }
  }

  private static Parser engineQuery() {
    return Parser.of(
            "engine-query",
            input -> EngineRequest.of(latin(input)),
            (input, random) -> {
              EngineRequest request = EngineRequest.of(latin(input));
              require(request.application().length() <= input.length + 1, "it grows by no more");
              EngineRequest rest = EngineRequest.of(request.application());
              require(rest.application().equals(request.application()), "the rest reads the same");
              require(
                  rest.eio().isEmpty() && rest.transport().isEmpty() && rest.sid().isEmpty(),
                  "nothing of the protocol's is in the rest");
            },
            "EIO=4&transport=polling",
            "EIO=4&transport=websocket&sid=a.lv_VI97HAXpY6yYWAAAB&t=1&b64=1&j=0&lang=de")
        .tokens(
            "EIO=", "eio", "4", "&", "=", "transport=", "polling", "sid=", "a=b", "%", "j", "t");
  }

  /** Lines for {@code Upgrade}, {@code Connection}, the version and the key. */
  private static Parser upgradeHeaders() {
    return Parser.of(
            "upgrade-headers",
            input -> Upgrades.isUpgrade(upgrade(input)),
            (input, random) -> {
              HttpServerExchange exchange = upgrade(input);
              String key = exchange.getRequestHeaders().getFirst(Headers.SEC_WEB_SOCKET_KEY);
              require(
                  !Upgrades.isUpgrade(exchange) || (key != null && key.trim().length() == 24),
                  "only a key of 24 characters is answered");
            },
            "websocket\nUpgrade\n13\ndGhlIHNhbXBsZSBub25jZQ==",
            "WebSocket\nkeep-alive, Upgrade\n13\ndGhlIHNhbXBsZSBub25jZQ==")
        .tokens("websocket", "upgrade", ",", " ", "\n", "13", "\t", "keep-alive");
  }

  private static HttpServerExchange upgrade(byte[] input) {
    HttpServerExchange exchange = new HttpServerExchange(null);
    HeaderMap headers = exchange.getRequestHeaders();
    String[] lines = latin(input).split("\n", -1);
    var names =
        List.of(
            Headers.UPGRADE,
            Headers.CONNECTION,
            Headers.SEC_WEB_SOCKET_VERSION,
            Headers.SEC_WEB_SOCKET_KEY);
    for (int i = 0; i < Math.min(lines.length, MAX_FIELDS); i++) {
      headers.add(names.get(Math.min(i, names.size() - 1)), lines[i]);
    }
    return exchange;
  }

  private static Parser spliceControl() {
    return Parser.of(
            "splice-control",
            input -> SpliceControl.node(message(input)),
            (input, random) -> {
              Message packet = message(input);
              Optional<String> node = SpliceControl.node(packet);
              require(
                  node.isEmpty() || utf8(SpliceControl.naming(node)).equals(utf8(input)),
                  "what is written reads the same");
              require(
                  SpliceControl.is(SpliceControl.RECEIPT, packet) == utf8(input).equals("6!"),
                  "a receipt is a receipt");
            },
            "6",
            "6node-a",
            "6?",
            "6!",
            "6+")
        .tokens("6", "node", "-", "a", "?", "!", "+", "A");
  }
}
