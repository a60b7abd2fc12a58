package dev.holdfast.sessions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.PeerJson;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.Json;
import dev.holdfast.session.ResumeRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of the few packets that need it: CONNECT, {@code user-join}, and events that a
 * client has missed.
 */
final class ConnectPayload implements Json {
  private static final JsonMapper JSON = PeerJson.mapper();

  /**
   * Accepts NaN and Infinity, as Python does: a packet that it accepts may have a token beside
   * them.
   */
  private static final JsonMapper PYTHON_JSON =
      PeerJson.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();

  private static final String PID = "pid";
  private static final String OFFSET = "offset";

  /** Returns the resume request in a CONNECT of the namespace {@code /}; empty if it has none. */
  static Optional<ResumeRequest> resumeRequest(Message connect, SocketPacketHeader header) {
    JsonNode auth = read(connect.bytes(header.json()));
    String pid = text(auth, "/" + PID);
    return pid == null || !header.rootNamespace()
        ? Optional.empty()
        : Optional.of(new ResumeRequest(pid, text(auth, "/" + OFFSET), text(auth, "/token")));
  }

  /** Returns the token in a CONNECT. */
  static Optional<String> connectToken(byte[] connect) {
    return Optional.ofNullable(text(read(json(connect)), "/token"));
  }

  private static byte[] json(byte[] connect) {
    int start = start(connect);
    return Arrays.copyOfRange(connect, start, connect.length);
  }

  /**
   * Returns the start of the JSON, which follows the namespace; its query may contain any
   * character.
   */
  private static int start(byte[] connect) {
    SocketPacketHeader header = new SocketPacketHeader();
    try {
      header.read(new Message().at(ByteBuffer.wrap(connect), 0, 0, connect.length).as(0, true));
    } catch (ProtocolException e) {
      return connect.length;
    }
    return header.json();
  }

  /** Returns the Socket.IO sid in an upstream's reply to a CONNECT. */
  static Optional<String> sid(byte[] reply) {
    return Optional.ofNullable(text(read(json(reply)), "/sid"));
  }

  /** Returns the token in a {@code user-join} event. */
  static Optional<String> joinToken(Message event) {
    SocketPacketHeader header = new SocketPacketHeader();
    try {
      header.read(event);
    } catch (ProtocolException e) {
      return Optional.empty();
    }
    return Optional.ofNullable(text(read(event.bytes(header.json())), "/1/auth/token"));
  }

  /** Parses leniently: validating the packet is up to the upstream. */
  private static JsonNode read(byte[] json) {
    return read(json, PYTHON_JSON);
  }

  private static JsonNode read(byte[] json, JsonMapper mapper) {
    try {
      return mapper.readTree(json);
    } catch (IOException e) {
      return mapper.missingNode();
    }
  }

  private static @Nullable String text(JsonNode node, String pointer) {
    JsonNode value = node.at(pointer);
    return value.isTextual() ? value.asText() : null;
  }

  @Override
  public boolean isValid(byte[] json) {
    return !read(json, JSON).isMissingNode();
  }

  @Override
  public Optional<String> lastText(byte[] json) {
    if (json.length < 2 || json[json.length - 2] != '"') {
      return Optional.empty();
    }
    JsonNode event = read(json, JSON);
    JsonNode last = event.path(event.size() - 1);
    return last.isTextual() ? Optional.of(last.asText()) : Optional.empty();
  }

  @Override
  public byte[] withoutResumeRequest(byte[] connect) {
    int start = start(connect);
    if (read(json(connect)) instanceof ObjectNode auth && (auth.has(PID) || auth.has(OFFSET))) {
      byte[] stripped = bytes(auth.without(List.of(PID, OFFSET)));
      return ByteBuffer.allocate(start + stripped.length)
          .put(connect, 0, start)
          .put(stripped)
          .array();
    }
    return connect;
  }

  private static byte[] bytes(JsonNode node) {
    try {
      return PYTHON_JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that was read cannot be written", e);
    }
  }
}
