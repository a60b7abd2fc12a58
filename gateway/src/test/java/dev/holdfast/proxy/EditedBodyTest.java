package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.proxy.ResponseEditor.Obstacle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditedBodyTest {
  private final List<Obstacle> obstacles = new ArrayList<>();

  private final class Anything implements ResponseEditor.Edit {
    @Override
    public Optional<byte[]> edited(byte[] body) {
      return Optional.of(body);
    }

    @Override
    public void impossible(Obstacle obstacle) {
      obstacles.add(obstacle);
    }
  }

  private Optional<EditedBody> of(String fields) throws ProtocolException {
    return EditedBody.of(new Anything(), ResponsePlanTest.head("HTTP/1.1 200 OK;" + fields + ";"));
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Encoding: gzip;Content-Encoding: gzip;Content-Length: 9, CODING",
    "Content-Encoding: identity;Content-Encoding: br;Content-Length: 9, CODING",
    "Content-Length: 0, FRAMING",
    "Content-Length: 65536, FRAMING",
    "X-A: 1, FRAMING",
  })
  void bodyThatCannotBeEditedIsNotHeld(String fields, Obstacle why) throws ProtocolException {
    assertThat(of(fields)).isEmpty();
    assertThat(obstacles).containsExactly(why);
  }

  /** What is behind the body would be lost or taken for a part of it. */
  @ParameterizedTest
  @CsvSource({"hello,true", "hello!,false"})
  void bodyWithMoreBehindItIsNotEdited(String bytes, boolean edited) throws ProtocolException {
    EditedBody body = of("Content-Length: 5").orElseThrow();

    assertThat(body.take(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.US_ASCII)))).isTrue();

    assertThat(body.edited().isPresent()).isEqualTo(edited);
    assertThat(obstacles.isEmpty()).isEqualTo(edited);
  }

  @Test
  void bodyIsNotCompleteBeforeItsLastByte() throws ProtocolException {
    EditedBody body = of("Content-Length: 5").orElseThrow();

    assertThat(body.take(ByteBuffer.wrap(new byte[4]))).isFalse();
    assertThat(body.take(ByteBuffer.wrap(new byte[1]))).isTrue();

    assertThat(body.edited()).hasValueSatisfying(all -> assertThat(all).hasSize(5));
  }
}
