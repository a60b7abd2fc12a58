package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class HandshakeKeyTest {
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  @Test
  void theNonceOfTheRfcMakesItsKey() {
    byte[] nonce = "the sample nonce".getBytes(StandardCharsets.US_ASCII);

    assertThat(HandshakeKey.of(nonce)).isEqualTo(KEY);
  }

  @Test
  void theKeyOfTheRfcIsAnsweredAsThere() {
    assertThat(HandshakeKey.accept(KEY)).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @Test
  void aKeyOfAnotherLengthIsNone() {
    assertThat(HandshakeKey.isValid(KEY)).isTrue();
    assertThat(HandshakeKey.isValid("c2hvcnQ=")).isFalse();
    assertThatThrownBy(() -> HandshakeKey.of(new byte[15]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a nonce has 16 bytes, not 15");
  }
}
