package dev.holdfast.openwebui;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.protocol.PeerJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Open WebUI's response to {@code GET /api/config}: {@code
 * {…,"features":{…,"enable_websocket":true,…},…}}. Its page tries only WebSocket if that field is
 * true, and polling first if it is false.
 */
final class BackendConfig {
  private static final String PATH = "/api/config";
  private static final String TRUE = "true";
  private static final String FALSE = "false";

  // With a duplicate field it would depend on the parser which one counts.
  private static final JsonMapper JSON =
      PeerJson.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final JsonFactory FACTORY = JSON.getFactory();

  /** The response's setting for WebSocket. */
  enum WebSocket {
    ON,
    OFF,
    /** Not in the format of known versions. */
    UNKNOWN
  }

  private final String body;
  private WebSocket webSocket = WebSocket.UNKNOWN;
  private int at;

  private BackendConfig(String body) {
    this.body = body;
  }

  /** Returns whether a request with this method and target asks for the config. */
  static boolean isAskedBy(String method, String target) {
    return method.equals("GET")
        && target.startsWith(PATH)
        && (target.length() == PATH.length() || target.charAt(PATH.length()) == '?');
  }

  /** Parses a response body, which may be anything. */
  static BackendConfig of(byte[] body) {
    BackendConfig config = new BackendConfig(text(body));
    try (JsonParser parser = FACTORY.createParser(config.body)) {
      config.read(parser);
    } catch (IOException malformed) {
      config.webSocket = WebSocket.UNKNOWN;
    }
    return config;
  }

  /** Decodes the body if encoding it again yields the same bytes; empty for other encodings. */
  private static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException notUtf8) {
      return "";
    }
  }

  private void read(JsonParser parser) throws IOException {
    int depth = 0;
    boolean features = false;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token.isStructStart()) {
        features |= depth == 1 && "features".equals(parser.currentName());
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
        features &= depth > 1;
        if (depth == 0) {
          requireEnd(parser);
        }
      } else if (depth == 0) {
        requireEnd(parser);
      } else if (features && depth == 2 && isField(parser, token)) {
        take(parser, token);
      }
    }
  }

  /** Jackson also reads several values in a row, which no page takes for a config. */
  private static void requireEnd(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw new JsonParseException(parser, "a second value");
    }
  }

  private static boolean isField(JsonParser parser, JsonToken token) throws IOException {
    return token != JsonToken.FIELD_NAME && "enable_websocket".equals(parser.currentName());
  }

  private void take(JsonParser parser, JsonToken token) {
    int offset = (int) parser.currentTokenLocation().getCharOffset();
    if (token == JsonToken.VALUE_FALSE) {
      webSocket = WebSocket.OFF;
    } else if (token == JsonToken.VALUE_TRUE && body.startsWith(TRUE, offset)) {
      webSocket = WebSocket.ON;
      at = offset;
    }
  }

  WebSocket webSocket() {
    return webSocket;
  }

  /** Returns the body with WebSocket disabled and otherwise unchanged; requires that it is on. */
  byte[] withoutWebSocket() {
    if (webSocket != WebSocket.ON) {
      throw new IllegalStateException("WebSocket is not on");
    }
    return (body.substring(0, at) + FALSE + body.substring(at + TRUE.length()))
        .getBytes(StandardCharsets.UTF_8);
  }
}
