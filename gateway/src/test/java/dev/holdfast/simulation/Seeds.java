package dev.holdfast.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Where to begin: each change of the sources tries others, the same sources always the same. */
final class Seeds {
  private static final List<String> SOURCES =
      List.of("core/src", "config/src", "gateway/src/main", "gateway/src/test");

  private Seeds() {}

  /** The seed of the main and test sources as they are. */
  static long of() {
    CRC32C hash = new CRC32C();
    SOURCES.forEach(folder -> add(hash, root().resolve(folder)));
    // Far from the seeds of any other sources.
    return hash.getValue() << 20;
  }

  /** The source of the product with that path below {@code dev/holdfast}. */
  static Path mainSource(Path name) {
    return Stream.of("core", "gateway")
        .map(module -> root().resolve(module).resolve("src/main/java/dev/holdfast").resolve(name))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no module has a source " + name));
  }

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.isDirectory(here.resolve("gateway"))
        ? here
        : Objects.requireNonNull(here.getParent(), "a module is in a folder");
  }

  private static void add(CRC32C hash, Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        hash.update(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
