package dev.holdfast.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Rendezvous (highest random weight) hashing: a key maps to the candidate with the largest combined
 * hash, so that removing a candidate moves only its own keys. The same on every node and JDK.
 * Stateless.
 */
final class RendezvousHash {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private RendezvousHash() {}

  /** Returns the candidate of a key; {@code seed} is {@link #hash} of the candidate's name. */
  static <T> Optional<T> choose(String key, List<T> candidates, ToLongFunction<T> seed) {
    long keyHash = hash(key);
    return candidates.stream()
        .max(
            Comparator.comparing(
                candidate -> mix(keyHash ^ seed.applyAsLong(candidate)), Long::compareUnsigned));
  }

  /**
   * Hashes with FNV-1a over UTF-8, then mixes, since FNV alone gives similar names similar hashes.
   */
  static long hash(String name) {
    long hash = FNV_OFFSET;
    for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (each & 0xff)) * FNV_PRIME;
    }
    return mix(hash);
  }

  /** The 64-bit finalizer of MurmurHash3, which spreads each input bit over the whole output. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
