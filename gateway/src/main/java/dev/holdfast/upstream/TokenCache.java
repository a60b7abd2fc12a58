package dev.holdfast.upstream;

import dev.holdfast.time.SteadyClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The users of tokens seen lately, so that a token is verified once and not for each request. Keys
 * are digests: a heap dump shows no token. An answer lasts a minute, so that a token that expires
 * is noticed. Thread-safe.
 */
final class TokenCache {
  private static final int ENTRIES = 4096;
  private static final long LIFE = Duration.ofMinutes(1).toNanos();

  /** Guarded by itself. */
  private final Map<ByteBuffer, Answer> entries = new Latest();

  /** The user of the token, asked of {@code reader} if it is not known. */
  Optional<String> userOf(String token, Function<String, Optional<String>> reader) {
    ByteBuffer key = digest(token);
    long now = SteadyClock.nanoTime();
    synchronized (entries) {
      Answer known = entries.get(key);
      if (known != null && now - known.since < LIFE) {
        return known.user;
      }
    }
    Answer read = new Answer(reader.apply(token), now);
    synchronized (entries) {
      entries.put(key, read);
    }
    return read.user;
  }

  private static ByteBuffer digest(String token) {
    try {
      byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private record Answer(Optional<String> user, long since) {}

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
