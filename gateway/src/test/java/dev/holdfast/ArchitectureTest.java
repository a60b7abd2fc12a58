package dev.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
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
      tls      : time slf4j
      protocol :
      session  : protocol memory time
      cluster  : leaves session
      redis    : leaves cluster config tls jedis
      hub      : leaves session protocol config cluster
      wire     : leaves protocol xnio
      http     : leaves wire protocol config xnio undertow
      openwebui: session protocol jackson
      upstream : leaves wire session protocol config cluster tls xnio undertow jwt jackson
      edge     : leaves wire hub session protocol upstream openwebui cluster config xnio undertow jackson
      proxy    : leaves upstream wire protocol hub cluster config xnio undertow
      admin    : leaves http hub session upstream cluster config xnio undertow prometheus jackson
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

  /** What runs a task that nobody waits for: what is thrown there would be lost. */
  private static final Map<String, Set<String>> STARTERS =
      Map.of(
          "java.lang.Thread", Set.of("<init>"),
          "java.util.concurrent.ThreadPoolExecutor", Set.of("<init>"),
          "java.util.concurrent.ScheduledThreadPoolExecutor", Set.of("<init>"),
          "java.util.concurrent.Executors", Set.of("*"),
          "java.util.concurrent.CompletableFuture", Set.of("runAsync", "supplyAsync"),
          "org.xnio.XnioIoThread", Set.of("executeAfter", "executeAtInterval"),
          "dev.holdfast.time.Timers", Set.of("schedule"));

  /** These are known to run every task in an {@code ErrorBoundary}, or one that cannot throw. */
  private static final Set<String> MAY_START =
      Set.of(
          "dev.holdfast.Orders",
          "dev.holdfast.admin.EventLoopLag",
          "dev.holdfast.proxy.ClientSide",
          "dev.holdfast.proxy.IoContext",
          "dev.holdfast.proxy.Tunnels",
          "dev.holdfast.redis.Observer",
          "dev.holdfast.redis.RedisCluster",
          "dev.holdfast.time.CancellableTask",
          "dev.holdfast.time.ErrorBoundary",
          "dev.holdfast.tls.ServerTls",
          "dev.holdfast.upstream.CheckClient",
          "dev.holdfast.upstream.Dial",
          "dev.holdfast.upstream.NodeDialer",
          "dev.holdfast.upstream.Watchers",
          "dev.holdfast.wire.XnioEventLoop");

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

  @Test
  void onlyKnownClassesStartThreadsAndTimers() {
    noClasses()
        .that(describe("are not known", (JavaClass type) -> !MAY_START.contains(outermost(type))))
        .should()
        .accessTargetWhere(describe("starts a task", ArchitectureTest::starts))
        .check(PRODUCT);
  }

  @Test
  void everyClassThatMayStartTasksDoes() {
    var starting =
        PRODUCT.stream()
            .filter(type -> type.getAccessesFromSelf().stream().anyMatch(ArchitectureTest::starts))
            .map(ArchitectureTest::outermost)
            .collect(Collectors.toSet());

    assertThat(starting).isEqualTo(MAY_START);
  }

  private static String outermost(JavaClass type) {
    return type.getName().replaceAll("\\$.*", "");
  }

  private static boolean starts(JavaAccess<?> access) {
    Set<String> names = STARTERS.getOrDefault(access.getTargetOwner().getName(), Set.of());
    return names.contains(access.getName()) || names.contains("*");
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
