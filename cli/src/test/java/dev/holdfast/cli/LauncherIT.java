package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts that run the jar: an operator's, and the image's. */
class LauncherIT {
  private static final int DEADLINE_SECONDS = 60;
  private static final String IMAGE_FOLDER = "/opt/holdfast";

  /** What {@code docker/train} writes for every JDK. */
  private static final Pattern IMAGE_OPTIONS =
      Pattern.compile("common_options\\(\\) \\{\n  printf '%s.n' (.*)\n");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-Xmx128m | heap 128MiB, direct memory 64MiB",
        "-XX:MaxRAM=256m -XX:MaxRAMPercentage=50 | heap 128MiB, direct memory 64MiB",
        "-Xmx128m -XX:MaxDirectMemorySize=100m | heap 128MiB, direct memory 100MiB",
      })
  void directMemoryIsHalfAsMuchAsTheHeap(String options, String expected) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "../holdfast", "config", "--set", "admin.listen=off");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("JAVA_OPTS", options + " -XX:+UseSerialGC");

    assertThat(lastLine(builder)).contains(expected);
  }

  @Test
  void scriptEndsTheProcessWhenItsHeapIsUsedUp() throws Exception {
    ProcessBuilder builder = new ProcessBuilder("sh", "../holdfast", "version");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("JAVA_OPTS", "-XX:+PrintFlagsFinal -XX:+UseSerialGC");

    assertThat(flag(text(builder), "ExitOnOutOfMemoryError")).isEqualTo("true");
  }

  /** The image's scripts, but for the folder and the start-up cache. */
  @Test
  void imageSetsHeapDirectMemoryAndTheEndByTheContainer(@TempDir Path directory) throws Exception {
    String train = Files.readString(Path.of("../docker/train"));
    Matcher options = IMAGE_OPTIONS.matcher(train);
    assertThat(options.find()).isTrue();
    Files.writeString(directory.resolve("jvm.options"), options.group(1).replace(' ', '\n') + "\n");
    Files.copy(Path.of("target/holdfast.jar"), directory.resolve("holdfast.jar"));
    String script =
        Files.readString(Path.of("../docker/holdfast")).replace(IMAGE_FOLDER, directory.toString());
    Path program = Files.writeString(directory.resolve("holdfast"), script);
    ProcessBuilder builder = new ProcessBuilder("sh", program.toString(), "serve", "--help");
    String java = Path.of(System.getProperty("java.home"), "bin").toString();
    builder.environment().put("PATH", java + File.pathSeparator + System.getenv("PATH"));
    builder.environment().put("JDK_JAVA_OPTIONS", "-XX:+PrintFlagsFinal -XX:MaxRAM=256m");

    String text = text(builder);

    assertThat(flag(text, "MaxHeapSize")).isEqualTo(Long.toString(104L << 20));
    assertThat(flag(text, "MaxDirectMemorySize")).isEqualTo(Long.toString(52L << 20));
    assertThat(flag(text, "ExitOnOutOfMemoryError")).isEqualTo("true");
  }

  /** Compose files and the chart start what the image starts, which sets the options. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "compose/compose.yaml",
        "compose/cluster.yaml",
        "deploy/helm/holdfast/templates/deployment.yaml",
      })
  void containersAreStartedByTheImagesOwnScript(String file) throws IOException {
    String text = Files.readString(Path.of("..", file));

    assertThat(text.lines().filter(line -> line.matches("\\s*(command|entrypoint):.*java.*")))
        .isEmpty();
    assertThat(text).doesNotContain("-XX:", "-Xm", "holdfast.jar");
    assertThat(Files.readString(Path.of("../Dockerfile"))).contains("ENTRYPOINT [\"holdfast\"]");
  }

  private static String flag(String text, String name) {
    Matcher flag = Pattern.compile(" " + name + " +:?= +(\\S+)").matcher(text);
    assertThat(flag.find()).as(text).isTrue();
    return flag.group(1);
  }

  private static String lastLine(ProcessBuilder builder) throws IOException, InterruptedException {
    return text(builder).lines().reduce("", (earlier, later) -> later);
  }

  private static String text(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return text;
  }
}
