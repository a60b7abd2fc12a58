package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationPageTest {
  private static final Path PAGE = Path.of("..", "docs", "configuration.md");
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  @Test
  void pageIsWhatTheSettingsSay() throws IOException {
    if ("write".equals(System.getProperty("holdfast.docs"))) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, ConfigurationPage.text());
    }

    assertThat(PAGE)
        .as("run ./mvnw -pl config test -Dtest=ConfigurationPageTest -Dholdfast.docs=write")
        .hasContent(ConfigurationPage.text());
  }

  @Test
  void exampleIsValid(@TempDir Path directory) throws IOException {
    Matcher example = YAML.matcher(ConfigurationPage.text());

    assertThat(example.find()).isTrue();
    Path file = Files.writeString(directory.resolve("example.yaml"), example.group(1));
    assertThat(
            Configuration.load(List.of(), Map.of(), Optional.of(file))
                .settings()
                .get(UpstreamKeys.UPSTREAMS))
        .hasSize(2);
  }

  @Test
  void everySettingIsListedOnceWithItsReason() {
    List<Key<?>> keys = Keys.all();

    assertThat(keys).extracting(Key::name).doesNotHaveDuplicates();
    assertThat(keys).extracting(Key::variable).doesNotHaveDuplicates();
    assertThat(keys).extracting(Key::reason).allMatch(reason -> reason.endsWith("."));
    assertThat(keys).extracting(Key::name).allMatch(name -> name.matches("[a-z]+([.-][a-z]+)*"));
  }
}
