package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketPacketHeaderTest {
  private final SocketPacketHeader header = new SocketPacketHeader();

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "40                              | CONNECT       | 0   | true  | -1 | ``",
        "40{}                            | CONNECT       | 0   | true  | -1 | {}",
        "40{\"token\":\"a,b\"}           | CONNECT       | 0   | true  | -1 | {\"token\":\"a,b\"}",
        "40/,                            | CONNECT       | 0   | true  | -1 | ``",
        "40/                             | CONNECT       | 0   | true  | -1 | ``",
        "40/custom                       | CONNECT       | 0   | false | -1 | ``",
        "40/custom,                      | CONNECT       | 0   | false | -1 | ``",
        "40/custom,{\"a\":1}             | CONNECT       | 0   | false | -1 | {\"a\":1}",
        "40/custom?x=1,{}                | CONNECT       | 0   | false | -1 | {}",
        "40\"secret\"                    | CONNECT       | 0   | true  | -1 | \"secret\"",
        "40[\"a\"]                       | CONNECT       | 0   | true  | -1 | [\"a\"]",
        "40null                          | CONNECT       | 0   | true  | -1 | null",
        "40true                          | CONNECT       | 0   | true  | -1 | true",
        "40false                         | CONNECT       | 0   | true  | -1 | false",
        "40-5                            | CONNECT       | 0   | true  | -1 | -5",
        "40NaN                           | CONNECT       | 0   | true  | -1 | NaN",
        "405                             | CONNECT       | 0   | true  | 5  | ``",
        "405{}                           | CONNECT       | 0   | true  | 5  | {}",
        "40/x,5{}                        | CONNECT       | 0   | false | 5  | {}",
        "40/x,null                       | CONNECT       | 0   | false | -1 | null",
        "411                             | DISCONNECT    | 0   | true  | 1  | ``",
        "441\"a\"                        | CONNECT_ERROR | 0   | true  | 1  | \"a\"",
        "42007[\"a\"]                    | EVENT         | 0   | true  | 7  | [\"a\"]",
        "4200000000000000000012[\"a\"]   | EVENT         | 0   | true  | 12 | [\"a\"]",
        "4500003-[\"a\"]                 | BINARY_EVENT  | 3   | true  | -1 | [\"a\"]",
        "40/?x=1,{}                      | CONNECT       | 0   | true  | -1 | {}",
        "42/?x,[\"a\"]                   | EVENT         | 0   | true  | -1 | [\"a\"]",
        "451-/?,7[\"a\"]                 | BINARY_EVENT  | 1   | true  | 7  | [\"a\"]",
        "41                              | DISCONNECT    | 0   | true  | -1 | ``",
        "41/admin,                       | DISCONNECT    | 0   | false | -1 | ``",
        "41{\"message\":\"no\"}          | DISCONNECT    | 0   | true  | -1 | {\"message\":\"no\"}",
        "42[\"a\"]                       | EVENT         | 0   | true  | -1 | [\"a\"]",
        "42/,[\"a\"]                     | EVENT         | 0   | true  | -1 | [\"a\"]",
        "420[\"a\"]                      | EVENT         | 0   | true  | 0  | [\"a\"]",
        "4212[\"a\",{}]                  | EVENT         | 0   | true  | 12 | [\"a\",{}]",
        "42/admin,7[\"a\"]               | EVENT         | 0   | false | 7  | [\"a\"]",
        "42999999999999999[\"a\"]        | EVENT         | 0   | true  | 999999999999999 | [\"a\"]",
        "430[]                           | ACK           | 0   | true  | 0  | []",
        "43/admin,12[1,2]                | ACK           | 0   | false | 12 | [1,2]",
        "44{\"message\":\"no\"}          | CONNECT_ERROR | 0   | true  | -1 | {\"message\":\"no\"}",
        "44\"Unable to connect\"         | CONNECT_ERROR | 0   | true  | -1 | \"Unable to connect\"",
        "44/x,{\"message\":\"no\"}       | CONNECT_ERROR | 0   | false | -1 | {\"message\":\"no\"}",
        "451-[\"a\",{\"_placeholder\":true,\"num\":0}] | BINARY_EVENT | 1 | true | -1"
            + " | [\"a\",{\"_placeholder\":true,\"num\":0}]",
        "4510-/admin,12[\"a\"]           | BINARY_EVENT  | 10  | false | 12 | [\"a\"]",
        "459999-[\"a\"]                  | BINARY_EVENT  | 9999 | true | -1 | [\"a\"]",
        "461-3[{}]                       | BINARY_ACK    | 1   | true  | 3  | [{}]",
        "462-/admin,3[{}]                | BINARY_ACK    | 2   | false | 3  | [{}]",
      })
  void reads(
      String packet, SocketPacketType type, int attachments, boolean root, long ackId, String json)
      throws ProtocolException {
    for (int key : new int[] {0, 0x37FA213D}) {
      Message message = Messages.text(packet, key);

      header.read(message);

      assertThat(header.type()).isEqualTo(type);
      assertThat(header.attachments()).isEqualTo(attachments);
      assertThat(header.rootNamespace()).isEqualTo(root);
      assertThat(header.ackId()).isEqualTo(ackId);
      assertThat(message.bytes(header.json())).asString(UTF_8).isEqualTo(json);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "4                    | a Socket.IO packet is empty",
        "47                   | unknown Socket.IO packet type 55",
        "4abc                 | unknown Socket.IO packet type 97",
        "4/                   | unknown Socket.IO packet type 47",
        "40abc                | a Socket.IO packet of type CONNECT has an invalid payload",
        "40٣-/admin,          | a Socket.IO packet of type CONNECT has an invalid payload",
        "401-/admin,{}        | a Socket.IO packet of type CONNECT has an invalid payload",
        "40/x,1-              | a Socket.IO packet of type CONNECT has an invalid payload",
        "411-/admin,          | a Socket.IO packet of type DISCONNECT has an invalid payload",
        "41٣-/admin,          | a Socket.IO packet of type DISCONNECT has an invalid payload",
        "42 {}                | a Socket.IO packet of type EVENT has an invalid payload",
        "42\u00a0[]           | a Socket.IO packet of type EVENT has an invalid payload",
        "441-\"a\"            | a Socket.IO packet of type CONNECT_ERROR has an invalid payload",
        "4500-[\"x\"]         | a binary packet has no valid attachment count",
        "42                   | a Socket.IO packet of type EVENT has an invalid payload",
        "42{}                 | a Socket.IO packet of type EVENT has an invalid payload",
        "42abc[\"x\"]         | a Socket.IO packet of type EVENT has an invalid payload",
        "4212                 | a Socket.IO packet of type EVENT has an invalid payload",
        "42/admin             | a Socket.IO packet of type EVENT has an invalid payload",
        "42/a,/b,[\"x\"]      | a Socket.IO packet of type EVENT has an invalid payload",
        "42-1[\"x\"]          | a Socket.IO packet of type EVENT has an invalid payload",
        "421-[\"x\"]          | a Socket.IO packet of type EVENT has an invalid payload",
        "43                   | a Socket.IO packet of type ACK has an invalid payload",
        "431{}                | a Socket.IO packet of type ACK has an invalid payload",
        "45[\"x\"]            | a binary packet has no valid attachment count",
        "45-[\"x\"]           | a binary packet has no valid attachment count",
        "450-[\"x\"]          | a binary packet has no valid attachment count",
        "451[\"x\"]           | a binary packet has no valid attachment count",
        "451                  | a binary packet has no valid attachment count",
        "45                   | a binary packet has no valid attachment count",
        "4510000-[\"x\"]      | a number has more than 4 digits",
        "451-                 | a Socket.IO packet of type BINARY_EVENT has an invalid payload",
        "461-1                | a Socket.IO packet of type BINARY_ACK has an invalid payload",
        "460-1[]              | a binary packet has no valid attachment count",
        "421234567890123456[\"x\"] | a number has more than 15 digits",
      })
  void refuses(String packet, String problem) {
    assertThatThrownBy(() -> header.read(Messages.text(packet, 0)))
        .isInstanceOf(ProtocolException.class)
        .hasMessage(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\t", "\n", "\r\n", " \t "})
  void blanksMayStandBeforeTheJson(String blanks) throws ProtocolException {
    for (String packet : List.of("40|{}", "40/x,|\"a\"", "42|[\"a\"]", "4212|[]", "461-/x,7|[]")) {
      Message message = Messages.text(packet.replace("|", blanks), 0);

      header.read(message);

      String json = packet.substring(packet.indexOf('|') + 1);
      assertThat(message.bytes(header.json())).asString(UTF_8).isEqualTo(json);
    }
    header.read(Messages.text("405" + blanks + "6", 0));
    assertThat(header.ackId()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"451-/admin,12[\"a\",{\"_placeholder\":true,\"num\":0}]", "40/x,{}"})
  void neverReadsBehindTheMessage(String packet) {
    for (int length = 1; length < packet.length(); length++) {
      String cut = packet.substring(0, length);
      try {
        header.read(Messages.text(cut, 0));
        assertThat(header.json()).as(cut).isLessThanOrEqualTo(length);
      } catch (ProtocolException expected) {
        assertThat(expected).hasMessageMatching("(a|an|unknown) .*");
      }
    }
  }

  @Test
  void nothingStaysFromThePacketBefore() throws ProtocolException {
    header.read(Messages.text("452-/admin,12[\"a\"]", 0));

    header.read(Messages.text("42[\"a\"]", 0));

    assertThat(header.attachments()).isZero();
    assertThat(header.rootNamespace()).isTrue();
    assertThat(header.ackId()).isEqualTo(SocketPacketHeader.NO_ACK);
  }

  @Test
  void onlyTheTwoBinaryTypesAreBinary() {
    assertThat(SocketPacketType.values())
        .filteredOn(SocketPacketType::isBinary)
        .containsExactly(SocketPacketType.BINARY_EVENT, SocketPacketType.BINARY_ACK);
  }
}
