package dev.holdfast.injection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Whatever throws in a real node ends one request or session at most, and leaves nothing open,
 * silent or taken. {@code bench/run inject} does the same with other seeds. {@code
 * -Dholdfast.node-injections=…} says how often.
 */
@DisabledIfSystemProperty(named = "holdfast.injections", matches = "0")
class NodeInjectionIT {
  private static final String RUNS = System.getProperty("holdfast.node-injections", "60");

  private static String inject(String runs, String source, UnaryOperator<String> change)
      throws Exception {
    Process worker =
        InjectNode.start(List.of("1", runs), Path.of(source), change)
            .redirectErrorStream(true)
            .start();
    String said = new String(worker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(worker.waitFor()).as(said).isLessThan(2);
    return said;
  }

  @Test
  void whateverThrowsInARealNodeEndsOneRequestAtMostAndLeavesNothing() throws Exception {
    String said = inject(RUNS, "time/ErrorBoundary.java", UnaryOperator.identity());

    assertThat(said)
        .contains(RUNS + " passed, 0 failed")
        .contains("http1.", "proxy.", "admin.", "redis.", "engineio.", "take of a quota", "dial");
  }
}
