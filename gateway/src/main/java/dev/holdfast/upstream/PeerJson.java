package dev.holdfast.upstream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * Reads JSON that a peer has sent. Jackson keeps the names of fields for the next text: a peer
 * could fill the heap with names that it makes up. This does not, and refuses what follows the
 * JSON.
 */
public final class PeerJson {
  private PeerJson() {}

  /** A mapper for such JSON. */
  public static JsonMapper mapper() {
    return builder().build();
  }

  /** The same, for a mapper with further settings. */
  public static JsonMapper.Builder builder() {
    JsonFactory factory =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();
    return JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }
}
