package dev.holdfast.simulation;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/** A change of some of the product's sources, compiled into a directory of its own. */
public final class Mutation {
  private final Path directory;

  private Mutation(Path directory) {
    this.directory = directory;
  }

  /** Nothing is changed yet. */
  public static Mutation create() throws IOException {
    return new Mutation(Files.createTempDirectory("mutant"));
  }

  /** Where its classes are. */
  Path directory() {
    return directory;
  }

  /** Changes a source, named by its path below {@code dev/holdfast}. */
  void change(Path name, UnaryOperator<String> change) throws IOException {
    changeAll(Map.of(name, change));
  }

  /** Changes several sources, which are compiled together. */
  public void changeAll(Map<Path, UnaryOperator<String>> changes) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-nowarn",
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                directory.toString()));
    for (Map.Entry<Path, UnaryOperator<String>> each : changes.entrySet()) {
      Path source = Seeds.mainSource(each.getKey());
      Path mutated = directory.resolve(each.getKey().getFileName());
      Files.writeString(mutated, each.getValue().apply(Files.readString(source)));
      arguments.add(mutated.toString());
    }
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    if (status != 0) {
      throw new IllegalStateException("mutants do not compile: " + changes.keySet());
    }
  }

  /** The source with one of its parts replaced, which is there once. */
  public static String replaced(String source, String original, String mutated) {
    if (source.split(Pattern.quote(original), -1).length != 2) {
      throw new IllegalStateException("the source is not what the mutant changes: " + original);
    }
    return source.replace(original, mutated);
  }

  /** A program that runs with the change. */
  public ProcessBuilder java(Class<?> main, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                directory + File.pathSeparator + System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }
}
