package dev.holdfast.upstream;

import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.holdfast.fuzz.Parser;
import dev.holdfast.protocol.Announced;
import dev.holdfast.protocol.PeerJson;
import java.time.Duration;
import java.util.List;

/** What Open WebUI says about itself. */
public final class UpstreamParsers {
  private static final JsonMapper JSON = PeerJson.mapper();

  private UpstreamParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(announced(), config());
  }

  private static Parser announced() {
    return Parser.of(
            "open-packet",
            input -> Announced.read(utf8(input)),
            (input, random) -> {
              Announced announced = Announced.read(utf8(input));
              Duration silence = announced.pingInterval().plus(announced.pingTimeout());
              require(silence.toNanos() > 0, "a timer can wait for it");
              require(announced.pingInterval().toMillis() <= Integer.MAX_VALUE, "a browser's, too");
              require(announced.maxPayload() > 0, "a message has some bytes");
            },
            "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
                + "\"maxPayload\":1000000}",
            "0{\"sid\":\"s\",\"pingInterval\":0}")
        .tokens("0", "{", "}", "\"sid\":\"s\"", "\"pingTimeout\":", "1", ",", "null", "[", "]");
  }

  private static Parser config() {
    return Parser.of(
            "api-config",
            input -> OpenWebUiConfig.read(json(input)),
            (input, random) -> {
              OpenWebUiConfig config = OpenWebUiConfig.read(json(input));
              config
                  .heartbeatInterval()
                  .ifPresent(
                      it ->
                          require(
                              it.toSeconds() >= 5 && it.toSeconds() <= 90, "it is within bounds"));
            },
            "{\"version\":\"0.12.4\",\"features\":{\"websocket_heartbeat_interval\":30}}",
            "{\"version\":\"0.7\",\"features\":{}}")
        .tokens(
            "{",
            "}",
            "\"features\":",
            "\"version\":",
            "\"0.8.0\"",
            ".",
            "1",
            ",",
            "null",
            "[",
            "]",
            "\"websocket_heartbeat_interval\":");
  }

  private static JsonNode json(byte[] input) {
    try {
      return JSON.readTree(utf8(input));
    } catch (JsonProcessingException malformed) {
      return MissingNode.getInstance();
    }
  }
}
