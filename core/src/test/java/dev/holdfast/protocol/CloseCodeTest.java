package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloseCodeTest {

  @ParameterizedTest
  @ValueSource(
      ints = {
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4999
      })
  void mayBeOnTheWire(int code) {
    assertThat(CloseCode.mayBeSent(code)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
  void mayNeverBeOnTheWire(int code) {
    assertThat(CloseCode.mayBeSent(code)).isFalse();
  }

  @Test
  void ourOwnCodesMayBeSentExceptTheTwoThatNameAbsence() {
    assertThat(CloseCode.mayBeSent(CloseCode.NORMAL)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.GOING_AWAY)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.PROTOCOL_ERROR)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.INVALID_PAYLOAD)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.POLICY)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.TOO_BIG)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.INTERNAL_ERROR)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.SERVICE_RESTART)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.TRY_AGAIN_LATER)).isTrue();
    assertThat(CloseCode.mayBeSent(CloseCode.NO_STATUS)).isFalse();
    assertThat(CloseCode.mayBeSent(CloseCode.ABNORMAL)).isFalse();
  }
}
