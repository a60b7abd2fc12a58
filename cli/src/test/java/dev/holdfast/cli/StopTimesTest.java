package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.ProcessKeys;
import dev.holdfast.config.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stops a node waits for longer than the node drains. */
class StopTimesTest {
  private static final Pattern STOP =
      Pattern.compile(
          "(?:--stop-timeout|terminationGracePeriodSeconds:|stop_grace_period:) (\\d\\w*)");
  private static final Pattern DRAIN =
      Pattern.compile("HOLDFAST_DRAIN_TIMEOUT(?:=|: |, value: )(\\d\\w*)");

  /** The commands, manifests and compose files that say when something is killed. */
  static Stream<String> examples() throws IOException {
    Stream<String> blocks =
        Page.all().stream()
            .flatMap(page -> Stream.of("sh", "yaml").flatMap(it -> page.blocks(it).stream()));
    Stream<String> files =
        Stream.of("compose/compose.yaml", "compose/cluster.yaml")
            .map(file -> Page.read(Page.root().resolve(file)).text());
    return Stream.concat(blocks, files).filter(text -> STOP.matcher(text).find());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void nodeThatDrainsIsNotKilled(String example) {
    Duration drain =
        longest(DRAIN, example).orElseGet(() -> Settings.defaults().get(ProcessKeys.DRAIN_TIMEOUT));

    assertThat(longest(STOP, example).orElseThrow()).isGreaterThan(drain);
  }

  /** The longest, since other services of a compose file stop sooner. */
  private static Optional<Duration> longest(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> duration(found.group(1)))
        .max(Duration::compareTo);
  }

  /** {@code 45}, {@code 30s}, {@code 2m15s}. */
  private static Duration duration(String text) {
    return text.chars().allMatch(Character::isDigit)
        ? Duration.ofSeconds(Long.parseLong(text))
        : Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }
}
