package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One page of the documentation.
 *
 * @param path relative to the root of the repository
 */
record Page(Path path, String text) {
  private static final Pattern FENCE =
      Pattern.compile("^```([a-z]*)\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern SPAN = Pattern.compile("`([^`\n]+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
  private static final List<String> PLACES = List.of("docs", "compose", "deploy", "bench", "e2e");

  /** The root of the repository, from wherever the test runs. */
  static Path root() {
    Path module = Path.of("").toAbsolutePath();
    return Stream.of(module, module.resolveSibling(""))
        .filter(directory -> Files.exists(directory.resolve("mvnw")))
        .findFirst()
        .orElseThrow();
  }

  /** Every page. */
  static List<Page> all() throws IOException {
    List<Page> pages = new ArrayList<>();
    try (Stream<Path> top = Files.list(root())) {
      top.filter(Page::isPage).map(Page::read).forEach(pages::add);
    }
    for (String place : PLACES) {
      Path directory = root().resolve(place);
      if (Files.exists(directory)) {
        try (Stream<Path> below = Files.walk(directory)) {
          below.filter(Page::isPage).map(Page::read).forEach(pages::add);
        }
      }
    }
    return pages;
  }

  private static boolean isPage(Path path) {
    return path.toString().endsWith(".md") && !path.toString().contains("node_modules");
  }

  static Page read(Path path) {
    try {
      return new Page(root().relativize(path), Files.readString(path));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The contents of fenced blocks in this language. */
  List<String> blocks(String language) {
    return FENCE
        .matcher(text)
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  /** Code inside sentences. */
  List<String> spans() {
    return groups(SPAN, prose());
  }

  /** Targets of links. */
  List<String> links() {
    return groups(LINK, prose());
  }

  /** What a link to a heading of this page may be called. */
  List<String> anchors() {
    return groups(HEADING, prose()).stream()
        .map(heading -> heading.toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }

  private String prose() {
    return FENCE.matcher(text).replaceAll("");
  }

  private static List<String> groups(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult match) -> match.group(1)).toList();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
