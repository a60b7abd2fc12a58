package dev.holdfast.proxy;

import dev.holdfast.http1.HttpResponseHead;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.proxy.ResponseEditor.Edit;
import dev.holdfast.proxy.ResponseEditor.Obstacle;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Buffers a response body and replaces it once it is complete. Buffers at most one block, and
 * decompresses up to {@link #LIMIT} bytes. Confined to its I/O thread.
 */
final class EditedBody {
  /** The content codings that can be removed and reapplied. */
  private static final List<String> GZIP = List.of("gzip", "x-gzip");

  private static final String IDENTITY = "identity";

  /** Maximum length of a decoded body; a compressed block may expand to more. */
  private static final int LIMIT = 4 * Blocks.SIZE;

  private final Edit edit;
  private final boolean gzip;
  private final BodyDecoder decoder;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private boolean surplus;

  private EditedBody(Edit edit, boolean gzip, BodyDecoder decoder) {
    this.edit = edit;
    this.gzip = gzip;
    this.decoder = decoder;
  }

  /** Creates a buffer for the body after this head; empty if the body cannot be edited. */
  static Optional<EditedBody> of(Edit edit, HttpResponseHead head) throws ProtocolException {
    String coding = head.first("Content-Encoding").orElse(IDENTITY).toLowerCase(Locale.ROOT);
    boolean gzip = GZIP.contains(coding);
    if (head.status() != 200) {
      edit.impossible(Obstacle.STATUS);
    } else if ((!gzip && !coding.equals(IDENTITY)) || head.all("Content-Encoding").size() > 1) {
      edit.impossible(Obstacle.CODING);
    } else {
      Framing framing = Framing.ofResponse(head, false);
      boolean fits = framing.kind() == Framing.Kind.FIXED && framing.length() < Blocks.SIZE;
      if ((fits && !framing.empty()) || framing.kind() == Framing.Kind.CHUNKED) {
        BodyDecoder decoder = framing.decoder(Trailers.OF_RESPONSE);
        return Optional.of(new EditedBody(edit, gzip, decoder));
      }
      edit.impossible(Obstacle.FRAMING);
    }
    return Optional.empty();
  }

  /** Restricts {@code Accept-Encoding} to codings that can be decoded here. */
  static void restrictEncodings(HeaderMap headers) {
    HeaderValues accepted = headers.get(Headers.ACCEPT_ENCODING);
    if (accepted != null) {
      String readable =
          accepted.stream()
              .flatMap(line -> Stream.of(line.split(",", -1)))
              .map(String::strip)
              .filter(EditedBody::isReadable)
              .reduce((one, other) -> one + ", " + other)
              .orElse(IDENTITY);
      headers.put(Headers.ACCEPT_ENCODING, readable);
    }
  }

  private static boolean isReadable(String accepted) {
    int weight = accepted.indexOf(';');
    String coding = (weight < 0 ? accepted : accepted.substring(0, weight)).strip();
    return GZIP.contains(coding.toLowerCase(Locale.ROOT)) || coding.equalsIgnoreCase(IDENTITY);
  }

  /** Appends body bytes; returns whether the body is complete. */
  boolean take(ByteBuffer more) throws ProtocolException {
    int count = more.remaining();
    ByteBuffer bytes = ByteBuffer.allocate(count).put(more);
    int data = decoder.decode(bytes, 0, count);
    body.write(bytes.array(), 0, data);
    surplus = decoder.finished() && decoder.end() < count;
    return decoder.finished();
  }

  /**
   * Returns the replacement for a complete body; empty if the body is to be forwarded unchanged.
   */
  Optional<byte[]> edited() {
    if (surplus || !decoder.trailers().isEmpty()) {
      return impossible(Obstacle.FRAMING);
    }
    if (!gzip) {
      return edit.edited(body.toByteArray());
    }
    Optional<byte[]> plain = plain();
    return plain.isEmpty()
        ? impossible(Obstacle.CODING)
        : edit.edited(plain.get()).map(EditedBody::compressed);
  }

  /** Called when the body does not fit into a block. */
  void tooLong() {
    edit.impossible(Obstacle.FRAMING);
  }

  private Optional<byte[]> impossible(Obstacle obstacle) {
    edit.impossible(obstacle);
    return Optional.empty();
  }

  private Optional<byte[]> plain() {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(body.toByteArray()))) {
      byte[] plain = in.readNBytes(LIMIT + 1);
      return plain.length > LIMIT ? Optional.empty() : Optional.of(plain);
    } catch (IOException malformed) {
      return Optional.empty();
    }
  }

  private static byte[] compressed(byte[] plain) {
    var bytes = new ByteArrayOutputStream(plain.length);
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new IllegalStateException("memory takes all bytes", e);
    }
    return bytes.toByteArray();
  }
}
