package dev.holdfast.protocol;

import dev.holdfast.fuzz.Repetitions;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Runs a property on many inputs, each made from a seed of its own; the failure names the seed.
 * {@code -Dfuzz.seed=N -Dfuzz.inputs=1} repeats it. With {@code CI=true}, or {@code
 * -Dfuzz.factor=10}, ten times as many run.
 */
public final class Fuzz {
  private static final long FIRST_SEED = Long.getLong("fuzz.seed", 0x601DFA57L);
  private static final int FACTOR = Repetitions.of("fuzz.factor", 1, 10);

  private Fuzz() {}

  /** What has to hold for the input that the random numbers make. */
  @FunctionalInterface
  public interface Property {
    void check(SplittableRandom random) throws ProtocolException;
  }

  /** Checks a property; a {@link ProtocolException} is a fair answer to any input. */
  public static void run(int inputs, Property property) {
    int count = Integer.getInteger("fuzz.inputs", inputs * FACTOR);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
      try {
        property.check(new SplittableRandom(seed));
      } catch (ProtocolException fair) {
        if (fair.getMessage() == null || !CloseCode.mayBeSent(fair.closeCode())) {
          throw new AssertionError("unfit to answer with, fuzz.seed=" + seed, fair);
        }
      } catch (RuntimeException | Error failure) {
        throw new AssertionError("fuzz.seed=" + seed, failure);
      }
    }
  }

  /** Bytes of any kind. */
  public static byte[] bytes(SplittableRandom random, int atMost) {
    byte[] bytes = new byte[random.nextInt(atMost + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Pieces put together, so that inputs come close to what the grammar allows. */
  public static String text(SplittableRandom random, int atMost, String... pieces) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(atMost + 1); left > 0; left--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  /** The same bytes, some of them changed, gone or doubled. */
  public static byte[] damaged(SplittableRandom random, byte[] bytes) {
    byte[] damaged = new byte[bytes.length * 2];
    int length = 0;
    for (byte each : bytes) {
      int dice = random.nextInt(40);
      if (dice == 0) {
        damaged[length++] = (byte) random.nextInt(256);
      } else if (dice != 1) {
        damaged[length++] = each;
        if (dice == 2) {
          damaged[length++] = each;
        }
      }
    }
    return Arrays.copyOf(damaged, length);
  }
}
