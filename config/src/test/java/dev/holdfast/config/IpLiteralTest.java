package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpLiteralTest {
  private static final int TIMES = 20_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "255.255.255.255",
        "10.1.2.3",
        "::",
        "::1",
        "1::",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "2001:DB8::a:0b",
        "::ffff:10.0.0.1",
        "64:ff9b::192.0.2.33",
        "1:2:3:4:5:6:1.2.3.4"
      })
  void addressesAreReadAsJavaReadsThem(String text) throws UnknownHostException {
    assertThat(IpLiteral.parse(text)).contains(InetAddress.getByName(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        ".",
        "1",
        "1.2.3",
        "1.2.3.",
        ".1.2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.04",
        "999.1.1.1",
        "1.2.3.4 ",
        "+1.2.3.4",
        "1.2.3.٤",
        "localhost",
        "cafe",
        ":",
        ":1",
        "1:",
        ":::",
        "1:::2",
        "::1::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "12345::",
        "::g",
        "::1.2.3",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "fe80::1%eth0",
        "[::1]",
        "1111:1111:1111:1111:1111:1111:255.255.255.2555"
      })
  void everythingElseIsNoAddress(String text) {
    assertThat(IpLiteral.parse(text)).isEmpty();
  }

  @Test
  void whatJavaWritesIsReadBack() throws UnknownHostException {
    SplittableRandom random = new SplittableRandom(1);
    for (int n = 0; n < TIMES; n++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      assertThat(IpLiteral.parse(address.getHostAddress())).contains(address);
    }
  }

  @Test
  void whatIsReadIsAnAddressToJavaToo() throws UnknownHostException {
    SplittableRandom random = new SplittableRandom(1);
    String alphabet = ":::...0123af";
    for (int n = 0; n < 10 * TIMES; n++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(14); length >= 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      var read = IpLiteral.parse(text.toString());
      if (read.isPresent()) {
        assertThat(read).contains(InetAddress.getByName(text.toString()));
      }
    }
  }

  @Test
  void longTextsAreRefusedAtOnce() {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          for (int n = 0; n < TIMES; n++) {
            assertThat(IpLiteral.parse(":".repeat(64 * 1024))).isEmpty();
          }
        });
  }
}
