package dev.holdfast.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.fuzz.Repetitions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Whatever throws ends one session at most, and leaves nothing open, silent or taken. {@code
 * bench/run inject} does the same more often, and with other seeds. {@code -Dholdfast.injections=…}
 * says how often.
 */
class InjectionTest {
  private static final String RUNS =
      String.valueOf(Repetitions.of("holdfast.injections", 500, 1000));

  private static final String FIRST_SEED = "1";

  private static String inject(String seed, String source, UnaryOperator<String> change)
      throws Exception {
    Process worker =
        Inject.Instrumented.start(List.of(seed, RUNS), Path.of(source), change)
            .redirectErrorStream(true)
            .start();
    String said = new String(worker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(worker.waitFor()).as(said).isLessThan(2);
    return said;
  }

  @Test
  @DisabledIfSystemProperty(named = "holdfast.injections", matches = "0")
  void whateverThrowsEndsOneSessionAtMostAndLeavesNothing() throws Exception {
    String said = inject(FIRST_SEED, "time/ErrorBoundary.java", UnaryOperator.identity());

    assertThat(said).contains(RUNS + " passed, 0 failed").contains("ENTRY=", "ALLOCATE=", "WRITE=");
  }
}
