package dev.holdfast.openwebui;

import static dev.holdfast.fuzz.Parser.require;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.fuzz.Parser;
import dev.holdfast.openwebui.BackendConfig.WebSocket;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.PeerJson;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.LinkFence.Sign;
import dev.holdfast.session.LinkFence.What;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** What is looked for among Open WebUI's events. */
public final class OpenWebUiParsers {
  private static final SharedDocument DOCUMENT =
      new SharedDocuments(new SplittableRandom(1)).between("a", "b", 0);

  private OpenWebUiParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(fence(), backendConfig());
  }

  private static Parser fence() {
    String update = "[\"ydoc:awareness:update\",{\"document_id\":\"" + DOCUMENT.id() + "\"";
    return Parser.of(
            "fence",
            input -> {
              opened().sign(message(input));
              opened().isCopy(input);
            },
            (input, random) -> {
              Sign sign = opened().sign(message(input));
              require(
                  sign.what() != What.ANSWERED
                      || new String(input, 0, 5, StandardCharsets.ISO_8859_1).equals("44/hf"),
                  "only a refusal is an answer");
            },
            "44/hf17,\"Unable to connect\"",
            "42" + update + ",\"update\":[17]}]",
            "42[\"ydoc:document:state\",{\"document_id\":\"" + DOCUMENT.id() + "\"}]")
        .tokens("44/hf", "18446744073709551615", ",", "42[\"ydoc:", "]", "\"update\":[", "9", "}");
  }

  private static Parser backendConfig() {
    String features = "{\"status\":true,\"features\":{\"auth\":true,\"enable_websocket\":true}}";
    return Parser.of(
            "backend-config",
            BackendConfig::of,
            (input, random) -> {
              BackendConfig config = BackendConfig.of(input);
              if (config.webSocket() == WebSocket.ON) {
                byte[] changed = config.withoutWebSocket();
                require(webSocket(input).booleanValue(), "another reader finds it on, too");
                require(!webSocket(changed).booleanValue(), "and off in what was changed");
                require(changed.length == input.length + 1, "nothing else has changed");
              }
            },
            features,
            features.replace("true}", "false}"))
        .tokens("\"features\":", "\"enable_websocket\"", ":", "true", "false", "{", "}", "[", ",");
  }

  private static JsonNode webSocket(byte[] body) {
    try {
      return PeerJson.mapper().readTree(body).path("features").path("enable_websocket");
    } catch (IOException malformed) {
      throw new IllegalStateException(malformed);
    }
  }

  private static DocumentFence opened() {
    DocumentFence fence = new DocumentFence(new SplittableRandom(1), () -> DOCUMENT, link -> false);
    fence.open();
    return fence;
  }

  private static Message message(byte[] packet) {
    return new Message().ofFrame(ByteBuffer.wrap(TextFrame.of(packet)), false);
  }
}
