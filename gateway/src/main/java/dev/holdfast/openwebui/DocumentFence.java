package dev.holdfast.openwebui;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.protocol.Message;
import dev.holdfast.session.LinkFence;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Implements fences as awareness updates of a private document. Open WebUI lets every user join a
 * document whose id is not a note's, and broadcasts updates to its members on all replicas without
 * storing them. A CONNECT to a nonexistent namespace is refused after all events that the link was
 * sent before.
 *
 * <pre>
 *   &gt; 40/hf17,   42["ydoc:awareness:update",{"document_id":"hf:…","update":[17]}]
 *   &lt; 44/hf17,"Unable to connect"                                            on this link
 *   &lt; 42["ydoc:awareness:update",{"document_id":"hf:…",…,"update":[17]}]     on the other ones
 * </pre>
 *
 * <p>Tested with 0.8.12 and 0.12.4. Confined to its session.
 */
public final class DocumentFence implements LinkFence {

  /** Does not intern field names, since users choose them. */
  private static final JsonMapper JSON =
      new JsonMapper(
          JsonFactory.builder()
              .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
              .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
              .build());

  private static final int MAX_DIGITS = 20;

  /** First id of Holdfast's calls, far above those of pages, which count from 0. Has 15 digits. */
  private static final long FIRST_CALL = 1L << 49;

  private static final byte[] NAMESPACE = ascii("44/hf");
  private static final byte[] DOCUMENT_EVENT = ascii("42[\"ydoc:");
  private static final byte[] COPY = ascii("\"shared\":true");

  /** The marker of a copy follows the ids of chat, message and user within this many bytes. */
  private static final int COPY_WITHIN = 512;

  private final Supplier<SharedDocument> documents;
  private final Predicate<Link> answersJoins;
  private @Nullable SharedDocument shared;
  private long number;
  private long call;

  /**
   * Creates fences whose first number has 64 random bits.
   *
   * @param documents provides the document to use; called when the upstreams of both links are
   *     known
   * @param answersJoins whether the upstream of a link is known to acknowledge each join
   */
  public DocumentFence(
      RandomGenerator random, Supplier<SharedDocument> documents, Predicate<Link> answersJoins) {
    this.documents = documents;
    this.answersJoins = answersJoins;
    this.number = random.nextLong();
    this.call = FIRST_CALL + random.nextLong(FIRST_CALL / 2);
  }

  @Override
  public void open() {
    shared = documents.get();
  }

  private SharedDocument shared() {
    return Objects.requireNonNull(shared, "open() comes first");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The last bit identifies the link that the fence is sent over. */
  @Override
  public long nextNumber(Link over) {
    number += 2;
    return over == Link.OLD ? number & ~1 : number | 1;
  }

  @Override
  public Link sentOver(long fence) {
    return (fence & 1) == 0 ? Link.OLD : Link.NEXT;
  }

  @Override
  public boolean isDue(Link over, long now) {
    return shared().isDue(over, now);
  }

  @Override
  public long nextCall() {
    return call++;
  }

  @Override
  public byte[] probe(long fence) {
    return ascii("40/hf" + Long.toUnsignedString(fence) + ",");
  }

  @Override
  public byte[] join(long id) {
    return event(
        id, "ydoc:document:join", ",\"user_id\":\"\",\"user_name\":\"\",\"user_color\":\"\"");
  }

  @Override
  public boolean answersJoins(Link over) {
    return answersJoins.test(over);
  }

  @Override
  public byte[] announce(long fence) {
    String update = ",\"update\":[" + Long.toUnsignedString(fence) + "]";
    return ascii("42" + array("ydoc:awareness:update", update));
  }

  @Override
  public byte[] leave(long id) {
    return event(id, "ydoc:document:leave", "");
  }

  private byte[] event(long id, String name, String members) {
    return ascii("42" + id + array(name, members));
  }

  private String array(String name, String members) {
    return "[\"" + name + "\",{\"document_id\":\"" + shared().id() + "\"" + members + "}]";
  }

  @Override
  public Sign sign(Message packet) {
    if (starts(packet, NAMESPACE)) {
      return refusal(packet);
    }
    return starts(packet, DOCUMENT_EVENT) ? event(packet) : Sign.NONE;
  }

  private static boolean starts(Message packet, byte[] with) {
    for (int i = 0; i < with.length; i++) {
      if (packet.byteAt(i) != with[i]) {
        return false;
      }
    }
    return true;
  }

  private static Sign refusal(Message packet) {
    StringBuilder digits = new StringBuilder(MAX_DIGITS);
    int at = NAMESPACE.length;
    for (int next = packet.byteAt(at); next >= '0' && next <= '9'; next = packet.byteAt(++at)) {
      digits.append((char) next);
      if (digits.length() > MAX_DIGITS) {
        return Sign.NONE;
      }
    }
    if (digits.isEmpty() || packet.byteAt(at) != ',') {
      return Sign.NONE;
    }
    try {
      return new Sign(What.ANSWERED, Long.parseUnsignedLong(digits.toString()));
    } catch (NumberFormatException tooLarge) {
      return Sign.NONE;
    }
  }

  private Sign event(Message packet) {
    String document = shared == null ? null : shared.id();
    String json = new String(packet.bytes(2), StandardCharsets.UTF_8);
    if (document == null || !json.contains(document)) {
      return Sign.NONE;
    }
    try {
      JsonNode event = JSON.readTree(json);
      JsonNode data = event.path(1);
      return data.path("document_id").asText().equals(document)
          ? sign(event.path(0).asText(), data)
          : Sign.NONE;
    } catch (JsonProcessingException e) {
      return Sign.NONE;
    }
  }

  private static Sign sign(String name, JsonNode data) {
    return switch (name) {
      case "ydoc:awareness:update" ->
          new Sign(What.ARRIVED, data.path("update").path(0).longValue());
      case "ydoc:document:state" -> new Sign(What.JOINED, 0);
      default -> new Sign(What.OTHER, 0);
    };
  }

  @Override
  public boolean isCopy(byte[] event) {
    int last = Math.min(event.length, COPY_WITHIN) - COPY.length;
    for (int i = 0; i <= last; i++) {
      int same = 0;
      while (same < COPY.length && event[i + same] == COPY[same]) {
        same++;
      }
      if (same == COPY.length) {
        return true;
      }
    }
    return false;
  }
}
