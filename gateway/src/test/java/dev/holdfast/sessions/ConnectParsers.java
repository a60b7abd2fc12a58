package dev.holdfast.sessions;

import static dev.holdfast.fuzz.Parser.again;
import static dev.holdfast.fuzz.Parser.message;
import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;

import dev.holdfast.fuzz.Parser;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.SocketPacketHeader;
import dev.holdfast.session.ResumeRequest;
import dev.holdfast.session.SessionSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What sessions read of CONNECT packets, and of the nodes that give them away. */
public final class ConnectParsers {
  private static final ConnectPayload JSON = new ConnectPayload();

  private ConnectParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(connectPayload(), connectReply(), userJoin(), handoff());
  }

  private static Parser connectPayload() {
    return Parser.of(
            "connect-payload",
            ConnectParsers::resume,
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
            Map.of("heartbeat", "AQ==")),
        new Ownership.Kept(
            new TokenHash(1, 2), null, "user", List.of(new Token(new TokenHash(1, 2), "user", 7))),
        "open-webui:8080");
  }

  private static Parser handoff() {
    return Parser.of(
            "handoff-message",
            ConnectParsers::session,
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
