package dev.holdfast.redis;

import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Signed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Texts in Redis, each followed by a blank and its signature. Thread-safe. */
record SignedTexts(Signed kind, Supplier<Optional<Keyring>> keys, RejectionLog refusals) {
  /**
   * Returns a text and its signature, which contains no blank; empty until the key is known.
   *
   * @param place the only place where the signature is valid
   */
  Optional<String> sign(String text, String... place) {
    return keys.get().map(ring -> text + " " + ring.sign(kind, said(text, place)));
  }

  private static List<String> said(String text, String... place) {
    List<String> said = new ArrayList<>(List.of(place));
    said.add(text);
    return said;
  }

  /**
   * Returns the text if it is validly signed. Until the key is known it is empty, and nothing is
   * counted as forged.
   *
   * @param origin where it was found, for the log
   * @param place the only place where the signature is valid
   */
  Optional<String> read(String signed, String origin, String... place) {
    int end = Math.max(0, signed.lastIndexOf(' '));
    String text = signed.substring(0, end);
    Optional<Keyring> ring = keys.get();
    if (ring.isEmpty()) {
      return Optional.empty();
    }
    if (!ring.get().verifies(kind, said(text, place), signed.substring(end).strip())) {
      refused(RejectionLog.Reason.FORGED, origin);
      return Optional.empty();
    }
    return Optional.of(text);
  }

  void refused(RejectionLog.Reason reason, String origin) {
    refusals.refused(kind, reason, origin);
  }
}
