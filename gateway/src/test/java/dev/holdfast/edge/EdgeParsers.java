package dev.holdfast.edge;

import static dev.holdfast.fuzz.Parser.again;
import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.config.Settings;
import dev.holdfast.fuzz.Parser;
import dev.holdfast.hub.Token;
import dev.holdfast.hub.TokenHash;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.ResumeRequest;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.upstream.Forwarding;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the Engine.IO endpoint reads of requests, of CONNECT packets, and of other nodes. */
public final class EdgeParsers {
  private static final String ENDPOINT = "/ws/socket.io/";

  /** No head has more. */
  private static final int MAX_FIELDS = 127;

  private static final EndpointPath PATH = new EndpointPath(ENDPOINT);
  private static final ConnectPayload JSON = new ConnectPayload();
  private static final OriginPolicy ORIGINS =
      new OriginPolicy(List.of(), new Forwarding(Settings.of(Map.of())));

  private EdgeParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(
        endpointPath(),
        engineQuery(),
        upgradeHeaders(),
        origin(),
        connectPayload(),
        connectReply(),
        userJoin(),
        spliceControl(),
        handoff());
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

  private static Parser origin() {
    return Parser.of(
            "origin",
            input -> ORIGINS.objection(fromPage(latin(input))),
            (input, random) -> {
              String origin = latin(input);
              Optional<String> objection = ORIGINS.objection(fromPage(origin));
              require(
                  objection.isPresent() || isOwnPage(origin),
                  "only the request's own host is allowed");
              require(
                  objection.filter(it -> !it.chars().allMatch(c -> c >= ' ' && c < 0x7f)).isEmpty(),
                  "an objection can be logged");
            },
            "https://chat.example",
            "http://evil.example",
            "wss://CHAT.example.:8443/",
            "null")
        .tokens("https:", "//", "chat.example", "@", ":", "/", ".");
  }

  /** As the JDK reads it. */
  private static boolean isOwnPage(String origin) {
    URI uri = URI.create(origin);
    return List.of("http", "https", "ws", "wss").contains(uri.getScheme().toLowerCase(Locale.ROOT))
        && List.of("chat.example", "chat.example.").contains(uri.getHost().toLowerCase(Locale.ROOT))
        && uri.getUserInfo() == null
        && List.of("", "/").contains(uri.getPath())
        && uri.getQuery() == null
        && uri.getFragment() == null;
  }

  private static HttpServerExchange fromPage(String origin) {
    HttpServerExchange exchange = new HttpServerExchange(null);
    exchange.setSourceAddress(InetSocketAddress.createUnresolved("192.0.2.1", 4000));
    exchange.setRequestScheme("http");
    exchange.getRequestHeaders().put(Headers.HOST, "chat.example");
    exchange.getRequestHeaders().put(Headers.ORIGIN, origin);
    return exchange;
  }

  private static Message message(byte[] packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true);
  }

  private static Parser connectPayload() {
    return Parser.of(
            "connect-payload",
            EdgeParsers::resume,
            (input, random) -> {
              Optional<ResumeRequest> resume = resume(input);
              byte[] stripped = JSON.withoutResumeRequest(input);
              require(stripped.length <= 6 * input.length + 2, "it is hardly longer");
              Optional<ResumeRequest> left = again(() -> resume(stripped));
              require(left.isEmpty(), "no claim is passed on");
              require(
                  resume.isEmpty()
                      || resume
                          .flatMap(it -> Optional.ofNullable(it.token()))
                          .equals(ConnectPayload.connectToken(input)),
                  "both read the same token");
            },
            "40{\"token\":\"t\",\"pid\":\"a.p\",\"offset\":\"tag.7\"}",
            "40{\"pid\":\"a.p\"}",
            "40{\"token\":\"t\"}",
            "40/?{,{\"pid\":\"a.p\",\"token\":\"t\"}",
            "40")
        .tokens(
            "40",
            "{",
            "}",
            "\"pid\":",
            "\"offset\":",
            "\"token\":",
            "\"x\"",
            "\\u0070",
            ",",
            "[",
            "]",
            "null",
            "1e9",
            "{}",
            "\"");
  }

  private static Optional<ResumeRequest> resume(byte[] packet) throws ProtocolException {
    Message connect = message(packet);
    SocketPacketHeader header = new SocketPacketHeader();
    header.read(connect);
    return ConnectPayload.resumeRequest(connect, header);
  }

  private static Parser connectReply() {
    return Parser.of(
            "connect-reply",
            ConnectPayload::sid,
            (input, random) ->
                ConnectPayload.sid(input)
                    .ifPresent(sid -> require(sid.length() <= input.length, "it was there")),
            "40{\"sid\":\"lv_VI97HAXpY6yYWAAAC\"}",
            "40{\"sid\":\"s\",\"other\":[1,2,{\"a\":null}]}")
        .tokens("40", "{", "}", "\"sid\":", "\"x\"", ",", "[", "\\", "\"", "1");
  }

  private static Parser userJoin() {
    return Parser.of(
            "user-join",
            input -> ConnectPayload.joinToken(message(input)),
            (input, random) -> {
              Optional<String> token = ConnectPayload.joinToken(message(input));
              byte[] json = json(input);
              require(token.isEmpty() || JSON.isValid(json), "its JSON is valid");
              JSON.lastText(json)
                  .ifPresent(last -> require(last.length() <= json.length, "it was there"));
            },
            "42[\"user-join\",{\"auth\":{\"token\":\"t\"}}]",
            "427[\"user-join\",{\"auth\":{\"token\":\"t\"}},\"tag.7\"]")
        .tokens("42", "[", "]", "\"user-join\"", "{", "}", "\"auth\":", "\"token\":", "\"t\"", ",");
  }

  private static byte[] json(byte[] event) throws ProtocolException {
    SocketPacketHeader header = new SocketPacketHeader();
    header.read(message(event));
    return message(event).bytes(header.json());
  }

  private static Parser spliceControl() {
    return Parser.of(
            "splice-control",
            input -> SpliceControl.node(message(input)),
            (input, random) -> {
              Message packet = message(input);
              Optional<NodeId> node = SpliceControl.node(packet);
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

  private static HandoffMessage session(byte[] packet) throws ProtocolException {
    if (!HandoffMessage.is(message(packet))) {
      throw new ProtocolException("it is another packet");
    }
    return HandoffMessage.read(message(packet));
  }

  private static HandoffMessage handoffMessage() {
    return new HandoffMessage(
        new SessionSnapshot(
            "tag",
            7,
            true,
            false,
            List.of(new SessionSnapshot.Given("a.pid", "40{\"sid\":\"s\"}")),
            true,
            "40{\"token\":\"t\"}",
            "40{\"sid\":\"s\"}",
            3,
            List.of(2L, 3L),
            true),
        new Ownership.Kept(
            new TokenHash(1, 2), null, "user", List.of(new Token(new TokenHash(1, 2), "user", 7))),
        "open-webui:8080");
  }

  private static Parser handoff() {
    return Parser.of(
            "handoff-message",
            EdgeParsers::session,
            (input, random) -> {
              HandoffMessage handoffMessage = session(input);
              require(
                  handoffMessage.snapshot().given().size() <= input.length,
                  "it has what was there");
              require(
                  again(() -> HandoffMessage.read(message(handoffMessage.packet())))
                      .equals(handoffMessage),
                  "what is written reads the same");
            },
            utf8(handoffMessage().packet()))
        .tokens(
            "6",
            "6{}",
            "{",
            "}",
            "null",
            "\"snapshot\":",
            "\"owner\":",
            "\"upstream\":",
            "[",
            "]",
            ",");
  }
}
