package dev.holdfast.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that runs {@code holdfast.jar serve}. */
final class Jar implements AutoCloseable {
  private static final int DEADLINE_SECONDS = 30;

  private final Process process;
  private final BufferedReader output;

  private Jar(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  static Jar serve(String... options) throws IOException {
    return start(List.of(), List.of(options));
  }

  /** The same for a process that may open only so many descriptors. */
  static Jar serveWith(int descriptors, List<String> options) throws IOException {
    return start(
        List.of("bash", "-c", "ulimit -n " + descriptors + " && exec \"$@\"", "bash"), options);
  }

  private static Jar start(List<String> prefix, List<String> options) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-jar", "target/holdfast.jar", "serve"));
    command.addAll(options);
    return new Jar(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** The first line that holds this text; the process ends without one if it never comes. */
  String awaitLine(String text) throws IOException {
    StringBuilder before = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.contains(text)) {
        return line;
      }
      before.append(line).append('\n');
    }
    throw new AssertionError("no '" + text + "' in:\n" + before);
  }

  /** The URL behind this text. */
  String awaitUrl(String text) throws IOException {
    return awaitLine(text).replaceFirst(".*" + text, "");
  }

  /** Sends SIGTERM. */
  void terminate() {
    process.destroy();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after " + DEADLINE_SECONDS + " s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
