package dev.holdfast.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Highest random weight: each key goes to the candidate whose hash with it is largest, so that only
 * the keys of a candidate that goes away move. The same on every node and JDK. Stateless.
 */
final class RendezvousHash {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private RendezvousHash() {}

  /** The candidate of a key; {@code seed} is {@link #hash} of the candidate's name. */
  static <T> Optional<T> choose(String key, List<T> candidates, ToLongFunction<T> seed) {
    long keyHash = hash(key);
    return candidates.stream()
        .max(
            Comparator.comparing(
                candidate -> mix(keyHash ^ seed.applyAsLong(candidate)), Long::compareUnsigned));
  }

  /** FNV-1a over UTF-8, mixed; FNV alone leaves similar names similar. */
  static long hash(String name) {
    long hash = FNV_OFFSET;
    for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (each & 0xff)) * FNV_PRIME;
    }
    return mix(hash);
  }

  /** The finalizer of MurmurHash3 (64 bit): every bit of the input changes half of the output. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
