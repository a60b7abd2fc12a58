package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What {@code docs/architecture.md} shows as a file of the project is that file, behind its
 * imports.
 */
class DocumentedExamplesTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern EXAMPLE =
      Pattern.compile("`(gateway/src/\\S+\\.java)`:\n\n```java\n(.*?)```\n", Pattern.DOTALL);
  private static final int MAX_LINES = 60;

  @Test
  void stageAndItsTestAreShownAsTheyAre() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/architecture.md"));
    int lines = 0;
    int files = 0;
    Matcher example = EXAMPLE.matcher(page);
    while (example.find()) {
      String source = Files.readString(ROOT.resolve(example.group(1)));
      String shown = example.group(2);
      assertThat(shown).as(example.group(1)).isEqualTo(source.substring(source.indexOf("/**")));
      lines += (int) shown.lines().count();
      files++;
    }
    assertThat(files).isEqualTo(2);
    assertThat(lines).isLessThanOrEqualTo(MAX_LINES);
  }
}
