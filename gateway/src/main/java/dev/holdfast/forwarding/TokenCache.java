package dev.holdfast.forwarding;

import dev.holdfast.protocol.Sha256;
import dev.holdfast.time.SteadyClock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Caches the claims of recent tokens, so that a token is verified once and not for each request.
 * Keys are digests, so that a heap dump contains no tokens. Entries expire after a minute.
 * Thread-safe.
 */
final class TokenCache {
  private static final int ENTRIES = 4096;
  private static final long LIFE = Duration.ofMinutes(1).toNanos();

  /** Guarded by itself. */
  private final Map<ByteBuffer, Answer> entries = new Latest();

  /** Returns the claims of a token, from {@code reader} if they are not cached. */
  Optional<Identity.Claims> claims(
      String token, Function<String, Optional<Identity.Claims>> reader) {
    ByteBuffer key = ByteBuffer.wrap(Sha256.of(token));
    long now = SteadyClock.nanoTime();
    synchronized (entries) {
      Answer known = entries.get(key);
      if (known != null && now - known.since < LIFE) {
        return known.claims;
      }
    }
    Answer read = new Answer(reader.apply(token), now);
    synchronized (entries) {
      entries.put(key, read);
    }
    return read.claims;
  }

  private record Answer(Optional<Identity.Claims> claims, long since) {}

  private static final class Latest extends LinkedHashMap<ByteBuffer, Answer> {
    private static final long serialVersionUID = 1L;

    Latest() {
      super(64, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Answer> eldest) {
      return size() > ENTRIES;
    }
  }
}
