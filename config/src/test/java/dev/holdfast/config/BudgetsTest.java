package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetsTest {
  private static final long MIB = 1 << 20;
  private static final int MANY = 1 << 20;

  private static Capacity capacity(long heapMib, long directMib, long descriptors) {
    return new Capacity(
        heapMib * MIB, directMib * MIB, descriptors, 2 * (heapMib + directMib + 64) * MIB);
  }

  private static Configuration load(Capacity capacity, String... settings) {
    List<Flag> flags =
        Arrays.stream(settings)
            .map(it -> it.split("=", 2))
            .map(it -> new Flag("--set", it[0], it[1]))
            .toList();
    return Configuration.load(flags, Map.of(), Optional.empty(), Optional.of(capacity));
  }

  /** In order: heads, bodies, buffers, outboxes, connections. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "  128 |   64 | 1048576 | 8MiB,   32MiB,  16MiB,   32MiB,   4096",
        "  256 |  128 | 1048576 | 8MiB,   64MiB,  32MiB,   64MiB,   8192",
        "   64 |   32 |   65536 | 4MiB,   16MiB,   8MiB,   16MiB,   2048",
        "   32 |   16 |     256 | 2MiB,    8MiB,   4MiB,    8MiB,     32",
        "  512 |  256 |    1024 | 8MiB,  128MiB,  64MiB,  128MiB,    384",
        " 1024 | 1024 |   65536 | 8MiB,  256MiB, 256MiB,  512MiB,  30624",
        " 4096 | 2048 | 1048576 | 8MiB, 1024MiB, 512MiB, 1024MiB, 131072",
      })
  void defaultsAreAPartOfWhatThereIs(
      long heapMib, long directMib, long descriptors, String expected) {
    Settings settings = load(capacity(heapMib, directMib, descriptors)).settings();

    assertThat(
            Stream.of(
                    settings.budgets().heads(),
                    settings.budgets().bodies(),
                    settings.budgets().buffers(),
                    settings.budgets().outboxes())
                .map(bytes -> bytes / MIB + "MiB"))
        .containsExactlyElementsOf(List.of(expected.split(", +")).subList(0, 4));
    assertThat(expected).endsWith(" " + settings.budgets().connections());
  }

  @Test
  void withoutALimitOnDescriptorsTheHeapDecides() {
    assertThat(load(capacity(128, 64, Long.MAX_VALUE)).settings().budgets().connections())
        .isEqualTo(4096);
  }

  @ParameterizedTest
  @CsvSource({
    "limits.buffers=40MiB, 40, 8",
    "limits.buffers=1MiB,   1, 32",
    "resume.memory=40MiB,   8, 40",
    "resume.memory=1MiB,   16, 1",
  })
  void defaultLeavesWhatIsConfiguredBesideIt(String setting, long buffersMib, long outboxesMib) {
    Settings settings = load(capacity(128, 64, MANY), setting).settings();

    assertThat(settings.budgets().buffers()).isEqualTo(buffersMib * MIB);
    assertThat(settings.budgets().outboxes()).isEqualTo(outboxesMib * MIB);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limits.buffers=49MiB | limits.buffers = 49MiB | at most 48MiB | which is 64MiB | raise -XX:MaxDirectMemorySize",
        "resume.memory=256MiB | resume.memory = 256MiB | at most 48MiB | which is 64MiB | raise -XX:MaxDirectMemorySize",
        "limits.heads=60MiB limits.bodies=10MiB | limits.heads = 60MiB | at most 64MiB | which is 128MiB | limits.bodies (10MiB)",
        "limits.bodies=65MiB | limits.bodies = 65MiB | at most 64MiB | which is 128MiB | raise -Xmx",
        "limits.connections=769 | limits.connections = 769 | at most 768 | 1024 descriptors | raise ulimit -n",
      })
  void whatExceedsItIsRefusedAndBothNumbersAreNamed(
      String settings, String given, String most, String there, String advice) {
    assertThatThrownBy(() -> load(capacity(128, 64, 1024), settings.split(" ")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(given, most, there, advice);
  }

  @Test
  void moreConnectionsThanTheHeapCanHoldAreRefused() {
    assertThatThrownBy(() -> load(capacity(128, 64, MANY), "limits.connections=16385"))
        .hasMessageContainingAll("limits.connections = 16385", "at most 16384", "heap of 128MiB");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limits.buffers=16MiB resume.memory=32MiB",
        "limits.heads=32MiB limits.bodies=32MiB",
        "limits.connections=768",
      })
  void whatJustFitsIsTaken(String settings) {
    assertThat(load(capacity(128, 64, 1024), settings.split(" ")).settings()).isNotNull();
  }

  @Test
  void fewerDescriptorsThanClientsAndLinksNeedAreWarnedOf() {
    Configuration more = load(capacity(128, 64, 1024), "limits.connections=385");
    assertThat(more.settings().budgets().connections()).isEqualTo(384);
    assertThat(more.notices())
        .singleElement()
        .asString()
        .contains("limits.connections is 385", "ulimit -n is 1024");
    assertThat(load(capacity(128, 64, 1024), "limits.connections=384").notices()).isEmpty();
  }

  @Test
  void moreMemoryThanThereIsIsWarnedOf() {
    Capacity tight = new Capacity(128 * MIB, 64 * MIB, MANY, 256 * MIB);
    Capacity over = new Capacity(128 * MIB, 128 * MIB, MANY, 256 * MIB);

    assertThat(load(tight).notices()).isEmpty();
    assertThat(load(over).notices())
        .singleElement()
        .asString()
        .contains("heap (128MiB)", "direct memory (128MiB)", "the 256MiB");
  }

  @Test
  void settingsOfAnotherProcessCannotBeTooMuch() {
    Settings settings =
        Settings.of(Map.of("limits.buffers", "1TiB", "limits.connections", "9999999"));

    assertThat(settings.budgets().connections()).isEqualTo(9_999_999);
  }

  @Test
  void lineSaysWhatThereIsAndWhatIsSpent() {
    assertThat(load(capacity(128, 64, 1024)).budgets())
        .isEqualTo(
            "memory 512MiB, heap 128MiB, direct memory 64MiB, 1024 descriptors:"
                + " limits.heads 8MiB, limits.bodies 32MiB, limits.buffers 16MiB, resume.memory 32MiB,"
                + " limits.connections 384");
  }

  @Test
  void defaultsAreNeverRefused() {
    RandomGenerator random = new SplittableRandom(14);
    for (int i = 0; i < 1000; i++) {
      Capacity any =
          new Capacity(
              random.nextLong(8 * MIB, 1L << 40),
              random.nextLong(4 * MIB, 1L << 40),
              random.nextLong(256, 1L << 32),
              1L << 50);

      assertThat(load(any).notices()).as("%s", any).isEmpty();
    }
  }
}
