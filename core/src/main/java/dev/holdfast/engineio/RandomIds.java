package dev.holdfast.engineio;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * Generates unguessable ids, with a prefix that names the node that issues them, and short tags
 * that are only distinct. Thread-safe.
 */
public final class RandomIds {
  private static final int PID_BYTES = 18;
  private static final int SID_BYTES = 15;
  private static final int TAG_BYTES = 4;
  private static final int TAG_CHARACTERS = 6;
  private static final long MAX_FIRST_CALL = 1L << 40;

  private final RandomGenerator random;
  private final String prefix;

  /** Creates a generator of ids that begin with this prefix. */
  public RandomIds(String prefix) {
    this(prefix, new SecureRandom());
  }

  RandomIds(String prefix, RandomGenerator random) {
    this.prefix = prefix;
    this.random = random;
  }

  /** Returns a new pid: 144 random bits, which only its recipient can know. */
  public String pid() {
    return prefix + text(PID_BYTES);
  }

  /** Returns a new sid: 120 random bits, since a sid is a bearer secret. */
  String sid() {
    return prefix + text(SID_BYTES);
  }

  /** Returns a tag that keeps the offsets of two sessions apart. */
  public String tag() {
    return text(TAG_BYTES).substring(0, TAG_CHARACTERS);
  }

  /** Returns a first call id, of 40 random bits, that keeps the calls of two sessions apart. */
  public long firstCall() {
    return random.nextLong(MAX_FIRST_CALL);
  }

  /** Returns the random generator behind all ids. */
  public RandomGenerator random() {
    return random;
  }

  private String text(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
