package dev.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RFC 6455 over a real socket against an echo, as {@link FrameScript}s: what is sent, what comes
 * back. Names begin with the ids of the Autobahn suite, which runs apart.
 */
class WebSocketVectorsIT {
  private static final int MAX_MESSAGE = 1024 * 1024;

  /** Longer scripts are not also sent byte by byte. */
  private static final int SHORT = 1000;

  private static @Nullable WebSocketEcho server;

  @BeforeAll
  static void start() {
    server = WebSocketEcho.start(0, MAX_MESSAGE);
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(server).close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "1.1.1 empty text                | text:             | text:",
        "1.1.2 text of 125 bytes         | text:x{125}       | text:x{125}",
        "1.1.3 text of 126 bytes         | text:x{126}       | text:x{126}",
        "1.1.4 text of 127 bytes         | text:x{127}       | text:x{127}",
        "1.1.6 text of 65535 bytes       | text:x{65535}     | text:x{65535}",
        "1.1.7 text of 65536 bytes       | text:x{65536}     | text:x{65536}",
        "1.2.1 empty binary              | bin:              | bin#",
        "1.2.7 binary of 65536 bytes     | bin#fe{65536}     | bin#fe{65536}",
        "2.1 empty ping                  | ping:             | pong:",
        "2.2 ping with a payload         | ping:hello        | pong:hello",
        "2.4 ping of 125 bytes           | ping:x{125}       | pong:x{125}",
        "2.7 pong that answers nothing   | pong: text:a      | text:a",
        "2.8 the same with a payload     | pong:x text:a     | text:a",
        "2.10 three pings                | ping:0 ping:1 ping:2 | pong:0 pong:1 pong:2",
        "5.3 text in two fragments       | +text:he cont:llo | text:hello",
        "5.6 ping between fragments      | +text:he ping:x cont:llo | pong:x text:hello",
        "5.19 pings among many fragments | +text:a +cont:b ping:1 +cont:c ping:2 cont:d"
            + " | pong:1 pong:2 text:abcd",
        "6.1.2 empty fragments           | +text: +cont: cont: | text:",
        "6.2.1 text of several bytes each | text:Hello-µ@ßöäüàá-UTF-8! | text:Hello-µ@ßöäüàá-UTF-8!",
        "6.2.3 characters cut by fragments | +text#ce +cont#bae1 +cont#bdb9 cont#cf83 | text:κ\u1f79σ",
        "6.6.2 noncharacters             | text#efb790efbfbf | text:\uFDD0\uFFFF",
        "9.1.1 text of the largest size  | text:x{1048576}   | text:x{1048576}",
        "10.1.1 many fragments           | +text:x{1300} +cont:x{1300} +cont:x{1300} cont:x{100}"
            + " | text:x{4000}",
      })
  void comesBack(String name, String sent, String received) throws Exception {
    check(sent, received);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "2.5 ping of 126 bytes              | ping:x{126}                      | 1002",
        "3.1 first reserved bit             | raw#c18000000000                 | 1002",
        "3.2 second reserved bit            | raw#a18000000000                 | 1002",
        "3.3 third reserved bit             | raw#918000000000                 | 1002",
        "4.1.1 opcode 3                     | raw#838000000000                 | 1002",
        "4.1.5 opcode 7                     | raw#878000000000                 | 1002",
        "4.2.1 opcode 11                    | raw#8b8000000000                 | 1002",
        "4.2.5 opcode 15                    | raw#8f8000000000                 | 1002",
        "5.1 ping in fragments              | +ping:a                          | 1002",
        "5.2 pong in fragments              | +pong:a                          | 1002",
        "5.9 continuation of nothing        | cont:a                           | 1002",
        "5.12 unfinished one                | +cont:a                          | 1002",
        "5.18 text inside a text            | +text:a text:b                   | 1002",
        "6.3.1 surrogate                    | text#cebaeda080656469746564      | 1007",
        "6.3.2 surrogate in a fragment      | +text#ceba cont#eda080           | 1007",
        "6.4.1 seen before the message ends | +text#cebaf4908080               | 1007",
        "6.6.1 text ends inside a character | text#ce                          | 1007",
        "6.6.3 fragments end inside one     | +text#ceba cont#e1bd             | 1007",
        "6.14.1 overlong slash              | text#c0af                        | 1007",
        "7.3.2 close of one byte            | close#03                         | 1002",
        "7.5.1 close reason is not UTF-8    | close#03e8ceba80                 | 1007",
        "5.5 close of 126 bytes             | close#03{126}                    | 1002",
        "5.5 close in fragments             | +close:1000                      | 1002",
        "5.1 frame without a mask           | raw#810548656c6c6f               | 1002",
        "5.2 length in a longer form        | raw#81fe000500000000             | 1002",
        "5.2 length over 2^63               | raw#82ff800000000000000000000000 | 1002",
        "9.1 message over the limit         | raw#82ff000000000010000100000000 | 1009",
        "9.3 fragments over the limit       | +bin#00{1000000} cont#00{48577}  | 1009",
      })
  void isRefused(String name, String sent, int code) throws Exception {
    check(sent, "close:" + code);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999})
  void closeIsAnsweredWithItsCode(int code) throws Exception {
    check("close:" + code, "close:" + code);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
  void closeWithACodeThatMayNotBeSentIsRefused(int code) throws Exception {
    check("close:" + code, "close:1002");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "7.3.1 close without a code       | text:a close:            | text:a close:",
        "7.1.2 two closes                 | close:1000 close:1000    | close:1000",
        "7.1.3 ping after the close       | close:1000 ping:         | close:1000",
        "7.1.4 text after the close       | close:1000 text:a        | close:1000",
        "7.1.5 close between fragments    | +text:a close:1000 cont:b | close:1000",
        "7.3.4 close with a reason        | close#03e86279652ee282ac | close:1000",
        "3.2 what came before is answered | text:a raw#c18000000000  | text:a close:1002",
      })
  void endsInOrder(String name, String sent, String received) throws Exception {
    check(sent, received);
  }

  private static void check(String sent, String received) throws Exception {
    byte[] bytes = FrameScript.bytes(sent);
    exchange(bytes, bytes.length, received);
    if (bytes.length < SHORT) {
      exchange(bytes, 1, received);
    }
  }

  private static void exchange(byte[] bytes, int piece, String received) throws Exception {
    try (FrameClient client = new FrameClient(Objects.requireNonNull(server).port())) {
      try {
        client.send(bytes, piece);
      } catch (IOException closedAlready) {
        assertThat(received).startsWith("close:");
      }
      assertThat(client.receive(received.split(" ", -1).length)).isEqualTo(received);
    }
  }
}
