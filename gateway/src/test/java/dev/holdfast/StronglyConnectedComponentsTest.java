package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StronglyConnectedComponentsTest {
  @Test
  void nodesAreTogetherIfTheyReachEachOther() {
    Map<String, Set<String>> edges =
        Map.of(
            "a", Set.of("b", "d"),
            "b", Set.of("c"),
            "c", Set.of("a"),
            "d", Set.of("d", "e"),
            "e", Set.of("f", "g"),
            "f", Set.of("e"));

    assertThat(StronglyConnectedComponents.of(new TreeMap<>(edges)))
        .containsExactlyInAnyOrder(set("a", "b", "c"), set("d"), set("e", "f"), set("g"));
  }

  @Test
  void nestedClassCountsAsItsTopLevelClass() {
    var classes =
        new ClassFileImporter()
            .importClasses(One.class, One.Nested.class, Other.class, Third.class);

    assertThat(StronglyConnectedComponents.insidePackages(classes))
        .containsExactlyInAnyOrder(
            set(One.class.getName(), Other.class.getName()), set(Third.class.getName()));
  }

  private static Set<String> set(String... members) {
    return new TreeSet<>(Set.of(members));
  }
}

class One {
  static class Nested {
    Other[] others = {};
  }
}

class Other {
  One one = new One();
}

class Third {
  Other other = new Other();
}
