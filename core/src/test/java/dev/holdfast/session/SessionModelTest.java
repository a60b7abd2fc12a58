package dev.holdfast.session;

import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Model.Setting;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Explores what can happen to a session: many conversations of random steps, each compared with
 * what the upstream sent. One that fails is printed with its seed, as short as it still fails.
 * {@code -Dholdfast.model.seed=…} runs a single one, {@code -Dholdfast.model.steps=…} more of them.
 */
class SessionModelTest {
  private static final int STEPS_OF_ONE = 150;
  private static final int POOL = 1 << 22;

  private static BufferPool pool = new BufferPool(POOL);
  private static BufferPool outboxes = new BufferPool(POOL);

  @ParameterizedTest
  @CsvSource({
    "ARGUMENT, false, 100000",
    "MARKER, false, 100000",
    "MARKER_AFTER_RESUME, false, 75000",
    "ARGUMENT, true, 25000",
    "MARKER, true, 25000",
    "MARKER_AFTER_RESUME, true, 25000"
  })
  void clientMissesNothingWhateverHappens(OffsetStyle style, boolean tight, int steps) {
    Setting setting = new Setting(style, tight);
    Long seed = Long.getLong("holdfast.model.seed");
    if (seed != null) {
      explore(setting, seed);
      return;
    }
    long left = Integer.getInteger("holdfast.model.steps", steps);
    for (long next = 1; left > 0; next++) {
      left -= explore(setting, next);
    }
  }

  /** Says how many steps were done. */
  private static int explore(Setting setting, long seed) {
    List<ModelStep> steps = ModelStep.random(new SplittableRandom(seed), STEPS_OF_ONE);
    int[] done = {0};
    Throwable fault = fault(setting, steps, done, new ModelTrace(false));
    if (fault != null) {
      fail(report(setting, seed, shortest(setting, steps, kind(fault))), fault);
    }
    return done[0];
  }

  private static @Nullable Throwable fault(
      Setting setting, List<ModelStep> steps, int[] done, ModelTrace trace) {
    try {
      Model model = new Model(setting, pool, outboxes, trace);
      boolean open = true;
      for (int i = 0; i < steps.size() && open; i++) {
        done[0]++;
        open = model.step(steps.get(i));
      }
      model.finish();
      return null;
    } catch (AssertionError | RuntimeException | ProtocolException e) {
      pool = new BufferPool(POOL);
      outboxes = new BufferPool(POOL);
      return e;
    }
  }

  /** The same for faults of one kind. */
  private static String kind(@Nullable Throwable fault) {
    return fault == null ? "" : fault.toString().replaceAll("[0-9]+", "");
  }

  /** Drops steps, ever fewer at a time, while what is left fails in the same way. */
  private static List<ModelStep> shortest(Setting setting, List<ModelStep> failing, String kind) {
    List<ModelStep> steps = failing;
    int size = steps.size() / 2;
    while (size > 0) {
      boolean shrunk = false;
      for (int from = 0; from + size <= steps.size(); ) {
        List<ModelStep> fewer = new ArrayList<>(steps);
        fewer.subList(from, from + size).clear();
        if (kind(fault(setting, fewer, new int[1], new ModelTrace(false))).equals(kind)) {
          steps = fewer;
          shrunk = true;
        } else {
          from += size;
        }
      }
      size = shrunk && size == 1 ? 1 : size / 2;
    }
    return steps;
  }

  private static String report(Setting setting, long seed, List<ModelStep> steps) {
    ModelTrace trace = new ModelTrace(true);
    Throwable fault = fault(setting, steps, new int[1], trace);
    return "%s, seed %d, %d steps: %s%n%s"
        .formatted(setting, seed, steps.size(), fault, String.join("\n", trace.lines));
  }
}
