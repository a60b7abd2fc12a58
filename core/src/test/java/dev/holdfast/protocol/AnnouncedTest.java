package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnouncedTest {
  @Test
  void openPacketOfOpenWebUiIsRead() throws ProtocolException {
    Announced announced =
        Announced.read(
            """
            0{"sid":"a","upgrades":[],"pingTimeout":21000,"pingInterval":26000,"maxPayload":16777216}""");

    assertThat(announced)
        .isEqualTo(new Announced(Duration.ofSeconds(26), Duration.ofSeconds(21), 16_777_216));
  }

  @Test
  void whatOldServersDoNotSayIsTheDefault() throws ProtocolException {
    assertThat(Announced.read("0{\"sid\":\"a\",\"pingInterval\":0}"))
        .isEqualTo(new Announced(Duration.ofSeconds(25), Duration.ofSeconds(20), 1_000_000));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "40{\"sid\":\"a\"} | the first packet is not an open packet",
        "'' | the first packet is not an open packet",
        "0{\"pingInterval\":1} | the open packet has no sid",
        "0{\"sid\":1} | the open packet has no sid",
        "0{\"sid\" | the open packet is not JSON",
      })
  void anythingElseIsRefused(String packet, String problem) {
    assertThatThrownBy(() -> Announced.read(packet))
        .isInstanceOf(ProtocolException.class)
        .hasMessage(problem);
  }
}
