package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.ProtocolException;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {
  private final HeaderMap headers = new HeaderMap();

  /** Undertow refuses most of these before; a request that it lets pass is refused here. */
  @ParameterizedTest
  @CsvSource({"chunked,false,", "chunked,true,5", "gzip,true,"})
  void requestWithAnotherCodingThanChunkedAloneIsRefused(
      String coding, boolean http11, String length) {
    headers.put(Headers.TRANSFER_ENCODING, coding);
    if (length != null) {
      headers.put(Headers.CONTENT_LENGTH, length);
    }

    assertThatThrownBy(() -> Framing.ofRequest(headers, http11))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("transfer coding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+1", "-1", "1 ", "0x1", "1,1", "1000000000000000000"})
  void lengthThatIsNoNumberOfBytesIsRefused(String length) {
    headers.put(Headers.CONTENT_LENGTH, length);

    assertThatThrownBy(() -> Framing.ofRequest(headers, true))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("malformed content length");
  }

  @Test
  void largestLengthFits() throws ProtocolException {
    headers.put(Headers.CONTENT_LENGTH, "999999999999999999");

    assertThat(Framing.ofRequest(headers, true))
        .isEqualTo(new Framing(Framing.Kind.FIXED, 999_999_999_999_999_999L));
  }
}
