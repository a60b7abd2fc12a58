package dev.holdfast.engineio;

import dev.holdfast.cluster.NodeId;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * Random texts that nobody can guess, behind the name of the node that gives them out, and short
 * ones that only tell things apart. Thread-safe.
 */
public final class RandomIds {
  private static final int PID_BYTES = 18;
  private static final int SID_BYTES = 15;
  private static final int TAG_BYTES = 4;
  private static final int TAG_CHARACTERS = 6;
  private static final long MAX_FIRST_CALL = 1L << 40;

  private final RandomGenerator random;
  private final NodeId node;

  /** Secrets of this node. */
  public RandomIds(NodeId node) {
    this(node, new SecureRandom());
  }

  RandomIds(NodeId node, RandomGenerator random) {
    this.node = node;
    this.random = random;
  }

  /** 144 random bits: who knows a pid may have been given it. */
  public String pid() {
    return node.secret(text(PID_BYTES));
  }

  /** 120 random bits, as a sid is the bearer's secret. */
  String sid() {
    return node.secret(text(SID_BYTES));
  }

  /** What keeps the offsets of two sessions apart. */
  public String tag() {
    return text(TAG_BYTES).substring(0, TAG_CHARACTERS);
  }

  /** What keeps the ids of a session's calls apart from those of another one: 40 bits. */
  public long firstCall() {
    return random.nextLong(MAX_FIRST_CALL);
  }

  /** Where all of them come from. */
  public RandomGenerator random() {
    return random;
  }

  private String text(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
