package dev.holdfast.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutOfMemoryTest {
  private static final String DIRECT =
      "Cannot reserve 131072 bytes of direct buffer memory (allocated: 1, limit: 1)";

  private final List<Integer> exits = new ArrayList<>();
  private long now = 5;
  private final OutOfMemory memory =
      new OutOfMemory(
          () -> now,
          (code, sentence) -> {
            assertThat(sentence).contains("exiting with code " + code);
            exits.add(code);
          });

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Java heap space",
        "Java heap space: failed reallocation of scalar replaced objects",
        "GC overhead limit exceeded",
        "Requested array size exceeds VM limit",
        "Metaspace",
        "Compressed class space"
      })
  void heapThatIsUsedUpEndsTheProcess(String message) {
    memory.met(new OutOfMemoryError(message));

    assertThat(exits).containsExactly(3);
  }

  @Test
  void causeCounts() {
    memory.met(new CompletionException(new IOException(new OutOfMemoryError("Java heap space"))));

    assertThat(exits).containsExactly(3);
  }

  @Test
  void otherErrorsEndNothing() {
    Exception own = new Exception("its own cause twice removed");
    own.initCause(new Exception(own));

    memory.met(new StackOverflowError());
    memory.met(new OutOfMemoryError("unable to create native thread"));
    memory.met(new OutOfMemoryError());
    memory.met(own);

    assertThat(exits).isEmpty();
  }

  @Test
  void thirdFailureOfDirectMemoryWithinTenSecondsEndsTheProcess() {
    memory.met(new OutOfMemoryError(DIRECT));
    pass(Duration.ofSeconds(5));
    memory.met(new OutOfMemoryError(DIRECT));
    assertThat(exits).isEmpty();
    pass(Duration.ofSeconds(5));

    memory.met(new OutOfMemoryError(DIRECT));

    assertThat(exits).containsExactly(4);
  }

  @Test
  void failuresOfDirectMemoryThatAreFarApartEndNothing() {
    for (int i = 0; i < 20; i++) {
      memory.met(new OutOfMemoryError(DIRECT));
      pass(Duration.ofMillis(5001));
    }

    assertThat(exits).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"heap, 3, the heap is used up", "direct, 4, direct memory is used up"})
  void processThatMeetsItInABoundaryHasItsExitCode(String kind, int code, String sentence)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:MaxDirectMemorySize=1m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                kind)
            .redirectErrorStream(true)
            .start();

    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(said).isEqualTo(code);
    assertThat(said).contains("holdfast: " + sentence);
  }

  /** Uses up one kind of memory, again and again. */
  static final class Program {
    private Program() {}

    /** Ends with code 1 if nothing else ends it. */
    public static void main(String[] arguments) {
      List<Object> kept = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        new ErrorBoundary("a test", () -> {})
            .run(
                () -> {
                  while (true) {
                    kept.add(
                        arguments[0].equals("heap")
                            ? new byte[1 << 20]
                            : ByteBuffer.allocateDirect(1 << 18));
                  }
                });
      }
      System.exit(kept.isEmpty() ? 0 : 1);
    }
  }
}
