package dev.holdfast.redis;

import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.RejectionLog;
import dev.holdfast.cluster.Signed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Texts in Redis, each with its signature behind a blank. Thread-safe. */
record SignedTexts(Signed kind, Supplier<Optional<Keyring>> keys, RejectionLog refusals) {
  /**
   * Text without a blank, and its signature; empty until the key is known.
   *
   * @param place where alone it counts
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
   * The text, if a node has signed it. Until the key is known there is none, and none is counted.
   *
   * @param origin where it was, for people
   * @param place where alone it counts
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
