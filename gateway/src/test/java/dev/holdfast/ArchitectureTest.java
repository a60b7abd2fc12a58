package dev.holdfast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packages and what each may know. */
class ArchitectureTest {
  /** A new entry is a decision: it comes with a page in {@code docs/decisions}. */
  private static final String MAY_USE =
      """
      config   : jackson
      time     : slf4j
      memory   :
      metrics  : prometheus slf4j
      tls      : slf4j
      protocol :
      session  : protocol memory time
      cluster  : leaves session
      redis    : leaves cluster config tls jedis
      hub      : leaves session protocol config cluster
      wire     : leaves protocol xnio
      upstream : leaves wire session protocol config cluster tls xnio undertow jwt jackson
      edge     : leaves wire hub session protocol upstream cluster config xnio undertow jackson
      proxy    : leaves upstream wire protocol hub cluster config xnio undertow
      admin    : leaves hub session upstream cluster config xnio undertow prometheus jackson
      """;

  private static final String LEAVES = "memory time metrics slf4j";

  private static final Map<String, String> LIBRARIES =
      Map.of(
          "jedis", "redis.clients..",
          "jackson", "com.fasterxml.jackson..",
          "jwt", "com.auth0.jwt..",
          "prometheus", "io.prometheus..",
          "slf4j", "org.slf4j..",
          "undertow", "io.undertow..",
          "xnio", "org.xnio..");

  private static final JavaClasses PRODUCT = CodeRules.product("dev.holdfast");

  static Stream<String> rows() {
    return MAY_USE.lines();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void packageUsesOnlyWhatItMay(String row) {
    String name = name(row);
    String[] allowed =
        Stream.concat(
                Stream.of("java..", "javax..", "org.jspecify..", "dev.holdfast." + name + ".."),
                words(row).map(word -> LIBRARIES.getOrDefault(word, "dev.holdfast." + word + "..")))
            .toArray(String[]::new);

    classes()
        .that()
        .resideInAPackage("dev.holdfast." + name + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed)
        .allowEmptyShould(true)
        .check(PRODUCT);
  }

  @Test
  void everyPackageHasItsRow() {
    var packages =
        PRODUCT.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.equals("dev.holdfast"))
            .map(name -> name.replaceAll("dev\\.holdfast\\.([a-z]+).*", "$1"))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(rows().map(ArchitectureTest::name)).containsAll(packages);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.holdfast.(*)..").should().beFreeOfCycles().check(PRODUCT);
  }

  @ParameterizedTest
  @MethodSource("dev.holdfast.CodeRules#rules")
  void codeKeepsTheRulesOfAllModules(ArchRule rule) {
    rule.allowEmptyShould(true).check(PRODUCT);
  }

  private static String name(String row) {
    return row.substring(0, row.indexOf(':')).trim();
  }

  private static Stream<String> words(String row) {
    String allowed = row.substring(row.indexOf(':') + 1).replace("leaves", LEAVES);
    return Stream.of(allowed.trim().split(" +", 0)).filter(word -> !word.isEmpty());
  }
}
