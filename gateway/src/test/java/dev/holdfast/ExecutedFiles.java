package dev.holdfast;

import dev.holdfast.time.Awaiting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jacoco.core.analysis.Analyzer;
import org.jacoco.core.analysis.CoverageBuilder;
import org.jacoco.core.analysis.IClassCoverage;
import org.jacoco.core.data.ExecutionDataReader;
import org.jacoco.core.data.ExecutionDataStore;
import org.jacoco.core.data.SessionInfoStore;

/**
 * The files of main code that have run in this process since the last reset, as JaCoCo's agent
 * records them. A nested type of more than 20 lines counts as a file. Thread-safe.
 */
final class ExecutedFiles {
  private static final List<Path> CLASSES =
      Stream.of("core", "config", "gateway")
          .map(module -> Path.of("..", module, "target", "classes"))
          .toList();

  /** So often in a row nothing new has run. */
  private static final int SETTLED = 3;

  private static final int LARGE_LINES = 20;

  private ExecutedFiles() {}

  /** Whether the agent is there. */
  static boolean areRecorded() {
    return agent().isPresent();
  }

  /** Begins anew; what was recorded goes to the agent's file, so no coverage is lost. */
  static void reset() {
    call("dump", true);
  }

  /** What has run, once it stays the same: {@code package.Type}, below {@code dev.holdfast}. */
  static Set<String> settled() throws InterruptedException {
    Set<String> files = new TreeSet<>();
    AtomicInteger same = new AtomicInteger();
    Awaiting.until(
        () -> {
          if (files.addAll(now())) {
            same.set(0);
          }
          return same.incrementAndGet() > SETTLED;
        });
    return files;
  }

  private static Set<String> now() {
    ExecutionDataStore executed = new ExecutionDataStore();
    ExecutionDataReader reader =
        new ExecutionDataReader(new ByteArrayInputStream((byte[]) call("getExecutionData", false)));
    reader.setExecutionDataVisitor(executed);
    reader.setSessionInfoVisitor(new SessionInfoStore());
    try {
      reader.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Set<String> files = new TreeSet<>();
    for (var each : executed.getContents()) {
      Optional<Path> code = code(each.getName());
      if (each.hasHits() && code.isPresent()) {
        files.add(file(each.getName(), code.get()));
      }
    }
    return files;
  }

  private static Optional<Path> code(String name) {
    return CLASSES.stream()
        .map(root -> root.resolve(name + ".class"))
        .filter(Files::exists)
        .findFirst();
  }

  private static String file(String name, Path code) {
    String shown = name.replaceFirst("^dev/holdfast/", "").replace('/', '.');
    int nested = shown.indexOf('$');
    return nested < 0 || isLarge(name, code) ? shown.replace('$', '.') : shown.substring(0, nested);
  }

  private static boolean isLarge(String name, Path code) {
    CoverageBuilder types = new CoverageBuilder();
    try {
      new Analyzer(new ExecutionDataStore(), types).analyzeClass(Files.readAllBytes(code), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return types.getClasses().stream()
        .mapToInt(ExecutedFiles::lines)
        .anyMatch(lines -> lines > LARGE_LINES);
  }

  private static int lines(IClassCoverage type) {
    return type.getLastLine() - type.getFirstLine() + 1;
  }

  /** It is not on the class path of the compiler. */
  private static Optional<Object> agent() {
    try {
      return Optional.of(
          Class.forName("org.jacoco.agent.rt.RT").getMethod("getAgent").invoke(null));
    } catch (ReflectiveOperationException absent) {
      return Optional.empty();
    }
  }

  private static Object call(String method, boolean reset) {
    try {
      Object agent = agent().orElseThrow();
      Class<?> type = Class.forName("org.jacoco.agent.rt.IAgent");
      Object result = type.getMethod(method, boolean.class).invoke(agent, reset);
      return result == null ? new byte[0] : result;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
