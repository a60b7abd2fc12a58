package dev.holdfast.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.proxy.ResponseEditor.Edit;
import dev.holdfast.proxy.ResponseEditor.Obstacle;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
class HeadReaderTest {
  private final Blocks blocks = new Blocks();

  /** Puts so many bytes in the place of any body. */
  private record Replacement(int length) implements Edit {
    @Override
    public Optional<byte[]> edited(byte[] body) {
      return Optional.of("x".repeat(length).getBytes(ISO_8859_1));
    }

    @Override
    public void impossible(Obstacle obstacle) {
      throw new AssertionError(obstacle);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, Blocks.SIZE, Blocks.SIZE + 1, 4 * Blocks.SIZE})
  void replacementMayHaveAnyLength(int length) throws ProtocolException {
    var reader = new HeadReader(blocks, Optional.of(new Replacement(length)));
    var source = new ScriptedSource("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

    reader.read(source.channel());
    HttpResponseHead head = Objects.requireNonNull(reader.next());

    assertThat(head.first("Content-Length")).hasValue(Integer.toString(length));
    ByteBuffer rest = reader.takeRest();
    assertThat(ISO_8859_1.decode(rest).toString()).isEqualTo("x".repeat(length));
  }

  @Test
  void nothingIsHeldBeforeAByteIsRead() throws ProtocolException {
    var reader = new HeadReader(blocks, Optional.empty());

    assertThat(reader.read(new ScriptedSource("").channel())).isZero();

    assertThat(reader.begun()).isFalse();
    assertThat(reader.next()).isNull();
    assertThatThrownBy(reader::takeRest).isInstanceOf(IllegalStateException.class);
  }
}
