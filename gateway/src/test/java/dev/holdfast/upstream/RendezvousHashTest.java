package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RendezvousHashTest {
  private static final int KEYS = 3_000;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 10})
  void keysSpreadEvenly(int candidates) {
    Map<String, Long> counts =
        keys().stream()
            .collect(
                Collectors.groupingBy(
                    key -> chosen(key, names(candidates)), Collectors.counting()));

    double fair = (double) KEYS / candidates;
    assertThat(counts).hasSize(candidates);
    assertThat(counts.values()).allSatisfy(count -> assertThat(count / fair).isBetween(.8, 1.2));
  }

  @Test
  void onlyKeysOfTheOneThatGoesMove() {
    List<String> before = names(4);
    List<String> after = before.subList(0, 3);

    assertThat(keys())
        .filteredOn(key -> after.contains(chosen(key, before)))
        .hasSizeBetween(2_100, 2_400)
        .allSatisfy(key -> assertThat(chosen(key, after)).isEqualTo(chosen(key, before)));
  }

  @Test
  void keysOfTheOneThatGoesSpreadOverTheOthers() {
    List<String> before = names(4);
    List<String> after = before.subList(0, 3);

    Map<String, Long> counts =
        keys().stream()
            .filter(key -> !after.contains(chosen(key, before)))
            .collect(Collectors.groupingBy(key -> chosen(key, after), Collectors.counting()));

    assertThat(counts.values())
        .hasSize(3)
        .allSatisfy(count -> assertThat(count).isBetween(200L, 300L));
  }

  @Test
  void orderOfCandidatesDoesNotMatter() {
    List<String> reversed = List.of("replica-2:8080", "replica-1:8080", "replica-0:8080");

    assertThat(keys())
        .allSatisfy(key -> assertThat(chosen(key, reversed)).isEqualTo(chosen(key, names(3))));
  }

  @Test
  void hashIsTheSameOnEveryNode() {
    assertThat(RendezvousHash.hash("")).isEqualTo(0xefd01f60ba992926L);
    assertThat(RendezvousHash.hash("replica-1:8080")).isEqualTo(0x04c5b8e5b573b18cL);
  }

  @Test
  void nobodyIsChosenAmongNobody() {
    assertThat(RendezvousHash.choose("key", List.<String>of(), RendezvousHash::hash)).isEmpty();
  }

  private static String chosen(String key, List<String> candidates) {
    return RendezvousHash.choose(key, candidates, RendezvousHash::hash).orElseThrow();
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj("replica-%d:8080"::formatted).toList();
  }

  private static List<String> keys() {
    Function<Integer, String> user = "0b9c7a1e-52d4-4f0e-8a37-%012d"::formatted;
    return IntStream.range(0, KEYS).boxed().map(user).toList();
  }
}
