package dev.holdfast.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * Parses JSON that a peer has sent. Jackson caches field names by default, so a peer could fill the
 * heap with invented ones. This parser does not, and rejects content after the JSON.
 */
public final class PeerJson {
  private PeerJson() {}

  /** Returns a mapper for such JSON. */
  public static JsonMapper mapper() {
    return builder().build();
  }

  /** Returns a builder for a mapper with further settings. */
  public static JsonMapper.Builder builder() {
    JsonFactory factory =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();
    return JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }
}
