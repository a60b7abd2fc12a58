package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.holdfast.config.Configuration;
import dev.holdfast.memory.Quotas;
import dev.holdfast.session.CloseReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation says exists. */
class DocsTest {
  private static final Pattern PLACE =
      Pattern.compile(
          "(\\.ci|\\.githooks|\\.mvn|bench|cli|compose|config|deploy|docs|e2e|gateway)/.*");
  private static final Pattern MADE_LATER =
      Pattern.compile("/target/|/artefacts|/results|/\\.env|[ *<…]");
  private static final Pattern FOREIGN_YAML =
      Pattern.compile(
          "^(apiVersion|services|scrape_configs|replicaCount|ingress):", Pattern.MULTILINE);
  private static final Pattern CLASS =
      Pattern.compile(
          "(config|protocol|http1|session|sessions|time|memory|metrics|wire|forwarding|upstream|engineio"
              + "|openwebui|cluster|redis|tls|proxy|admin|cli)"
              + "\\.([A-Z]\\w+)(\\.\\w+)?");
  private static final Pattern TEST = Pattern.compile("([A-Z]\\w+(?:Test|IT))(?:\\.(\\w+))?");
  private static final Pattern SCRIPT_TEST = Pattern.compile("`(e2e/\\S+)`\\s+`(\\w+)`");
  private static final Pattern SETTING =
      Pattern.compile(
          "(admin|socketio|limits|upstream|proxy|auth|tls|drain|logging|threads)\\.[a-z-]+");
  private static final Pattern COMMAND =
      Pattern.compile("(?:\\./holdfast|holdfast|java -jar cli/target/holdfast.jar)( .*)");
  private static final Pattern REASON = Pattern.compile("^\\| `([a-z-]+)` \\|");

  private static final Pattern ROW = Pattern.compile("^\\| `([a-z-]+)`[ ,]");
  private static final Pattern NAMED_TEST =
      Pattern.compile("`[A-Z]\\w+(?:Test|IT)\\.\\w+`|`e2e/\\S+`\\s+`\\w+`");

  /** The sections of the threat model that say what somebody cannot do. */
  private static final List<String> THREATS =
      List.of(
          "A stranger",
          "A web page in a user's browser",
          "A client of the admin port",
          "A user of Open WebUI",
          "Another node, or anyone who can write to Redis",
          "Secrets",
          "Libraries");

  static Stream<Page> pages() throws IOException {
    return Page.all().stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksLeadSomewhere(Page page) {
    for (String link : page.links()) {
      if (link.startsWith("http")) {
        continue;
      }
      int hash = link.indexOf('#');
      String file = hash < 0 ? link : link.substring(0, hash);
      Path target = Page.root().resolve(page.path()).resolveSibling(file);
      assertThat(file.isEmpty() || Files.exists(target)).as("%s: %s", page, link).isTrue();
      if (hash >= 0) {
        Page linked = file.isEmpty() ? page : Page.read(target);
        assertThat(linked.anchors()).as("%s: %s", page, link).contains(link.substring(hash + 1));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void namedFilesExist(Page page) {
    for (String span : page.spans()) {
      if (PLACE.matcher(span).matches() && !MADE_LATER.matcher(span).find()) {
        assertThat(Page.root().resolve(span)).as("%s: %s", page, span).exists();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void namedClassesExist(Page page) throws IOException {
    for (String span : page.spans()) {
      Matcher matcher = CLASS.matcher(span);
      if (matcher.matches()) {
        String file = matcher.group(1) + "/" + matcher.group(2) + ".java";
        assertThat(sources("dev/holdfast/" + file)).as("%s: %s", page, span).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void namedTestsExist(Page page) throws IOException {
    for (String span : page.spans()) {
      Matcher matcher = TEST.matcher(span);
      if (matcher.matches()) {
        List<Path> files = sources("/" + matcher.group(1) + ".java");
        assertThat(files).as("%s: %s", page, span).hasSize(1);
        if (matcher.group(2) != null) {
          assertThat(Files.readString(files.get(0))).contains("void " + matcher.group(2) + "(");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void namedTestsOfScriptsExist(Page page) throws IOException {
    Matcher matcher = SCRIPT_TEST.matcher(page.text());
    while (matcher.find()) {
      String script = Files.readString(Page.root().resolve(matcher.group(1)));
      assertThat(script).as("%s", page).contains("test('" + matcher.group(2) + "'");
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void commandsAreUnderstood(Page page) {
    for (String block : page.blocks("sh")) {
      for (String line : block.replace("\\\n", " ").lines().toList()) {
        String words = line.replaceAll("\\s#.*", "").replaceFirst("^\\$ ", "").strip();
        Matcher command = COMMAND.matcher(words);
        if (command.matches()) {
          String[] arguments = command.group(1).strip().split("\\s+", 0);
          assertThatCode(() -> Holdfast.commandLine(Map.of()).parseArgs(arguments))
              .as("%s: %s", page, line)
              .doesNotThrowAnyException();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void namedSettingsExist(Page page) {
    List<String> keys =
        Configuration.load(List.of(), Map.of(), Optional.empty()).values().stream()
            .map(Configuration.Effective::key)
            .toList();

    assertThat(page.spans().stream().filter(span -> SETTING.matcher(span).matches()))
        .as("%s", page)
        .allMatch(keys::contains);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void yamlIsValid(Page page, @TempDir Path directory) throws IOException {
    for (String block : page.blocks("yaml")) {
      if (FOREIGN_YAML.matcher(block).find()) {
        parse(block);
      } else {
        Path file = Files.writeString(directory.resolve("holdfast.yaml"), block);
        Configuration.load(List.of(), Map.of(), Optional.of(file));
      }
    }
  }

  @Test
  void everyCloseReasonIsExplained() throws IOException {
    String page = Files.readString(Page.root().resolve("docs/operations.md"));
    int from = page.indexOf("## Close reasons");
    String section = page.substring(from, page.indexOf("\n## ", from));
    List<String> explained =
        section.lines().map(REASON::matcher).filter(Matcher::find).map(m -> m.group(1)).toList();

    assertThat(explained)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(CloseReason.values()).map(CloseReason::label).toList());
  }

  @Test
  void everyResourceThatClientsShareHasItsRow() throws IOException {
    String section =
        section(
            Files.readString(Page.root().resolve("docs/configuration.md")), "What clients share");
    List<String> rows =
        section.lines().map(ROW::matcher).filter(Matcher::find).map(m -> m.group(1)).toList();

    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Quotas.Resource.values()).map(Quotas.Resource::label).toList());
    // Resource, limit, why, what is refused, what is cut.
    assertThat(section.lines().filter(line -> line.startsWith("| `")))
        .allMatch(line -> line.split("(?<!\\\\)\\|", -1).length == 7);
  }

  /** Each claim about who can do what names what holds it. */
  @Test
  void everyClaimOfTheThreatModelNamesATest() throws IOException {
    String page = Files.readString(Page.root().resolve("docs/security.md"));
    List<String> untested =
        THREATS.stream()
            .flatMap(title -> Arrays.stream(section(page, title).split("\n\n")).skip(1))
            .filter(paragraph -> !paragraph.startsWith("```"))
            .filter(paragraph -> !NAMED_TEST.matcher(paragraph).find())
            .toList();

    assertThat(untested).isEmpty();
  }

  private static String section(String page, String title) {
    int from = page.indexOf("\n## " + title + "\n");
    assertThat(from).as(title).isNotNegative();
    int to = page.indexOf("\n## ", from + 1);
    return page.substring(from, to < 0 ? page.length() : to).strip();
  }

  private static void parse(String yaml) throws IOException {
    try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
      JsonToken token = parser.nextToken();
      while (token != null) {
        token = parser.nextToken();
      }
    }
  }

  /** Java files of the modules whose path ends so. */
  private static List<Path> sources(String end) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String module : List.of("core", "config", "gateway", "cli", "bench")) {
      Path directory = Page.root().resolve(module).resolve("src");
      if (Files.exists(directory)) {
        try (Stream<Path> files = Files.walk(directory)) {
          files.filter(file -> file.toString().endsWith(end)).forEach(found::add);
        }
      }
    }
    return found;
  }
}
