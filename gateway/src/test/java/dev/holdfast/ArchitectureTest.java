package dev.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
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
      time      : memory slf4j
      memory    :
      protocol  : jackson
      wire      : memory time slf4j protocol xnio
      http1     : memory time slf4j wire protocol xnio undertow
      session   : memory time protocol
      engineio  : memory time slf4j http1 wire session protocol xnio undertow
      config    : jackson
      metrics   : engineio prometheus slf4j
      tls       : time slf4j
      forwarding: leaves http1 protocol config undertow jwt jackson
      cluster   : leaves http1 forwarding protocol undertow
      redis     : leaves cluster config tls jedis
      openwebui : leaves engineio http1 session protocol proxy upstream forwarding config undertow jackson
      upstream  : leaves engineio http1 wire session protocol forwarding config cluster tls xnio undertow jackson
      sessions  : leaves engineio http1 session protocol forwarding upstream openwebui cluster config undertow jackson
      proxy     : leaves engineio http1 upstream wire protocol forwarding cluster config xnio undertow
      admin     : leaves http1 sessions engineio session protocol forwarding upstream cluster config xnio undertow prometheus jackson
      """;

  private static final String LEAVES = "memory time metrics slf4j";

  /** The relay as a library; see {@code docs/decisions/0026-ports-of-the-core.md}. */
  private static final Set<String> CORE =
      Set.of("protocol", "http1", "wire", "memory", "time", "session", "engineio");

  private static final Set<String> LIBRARIES_OF_CORE =
      Set.of("jackson", "slf4j", "undertow", "xnio");

  private static final Map<String, String> LIBRARIES =
      Map.of(
          "jedis", "redis.clients..",
          "jackson", "com.fasterxml.jackson..",
          "java", "java..",
          "javax", "javax..",
          "jspecify", "org.jspecify..",
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
          "dev.holdfast.HeapTrim",
          "dev.holdfast.OperatorCommands",
          "dev.holdfast.admin.EventLoopLag",
          "dev.holdfast.proxy.IoContext",
          "dev.holdfast.proxy.Tunnels",
          "dev.holdfast.redis.Observer",
          "dev.holdfast.redis.RedisCluster",
          "dev.holdfast.time.CancellableTask",
          "dev.holdfast.time.ErrorBoundary",
          "dev.holdfast.tls.ServerTls",
          "dev.holdfast.upstream.Dial",
          "dev.holdfast.upstream.NodeDialer",
          "dev.holdfast.upstream.HealthCheckers",
          "dev.holdfast.wire.XnioEventLoop");

  /** What may ask the resolver, besides the constructor of a socket address. */
  private static final Set<String> RESOLVING =
      Set.of(
          "getByName",
          "getAllByName",
          "getLocalHost",
          "getHostName",
          "getCanonicalHostName",
          "isReachable");

  /** These look up names that an operator has set, or under which nodes are registered. */
  private static final Set<String> MAY_RESOLVE =
      Set.of(
          "dev.holdfast.admin.AdminToken",
          "dev.holdfast.http1.HttpPort",
          "dev.holdfast.upstream.NodeDialer",
          "dev.holdfast.upstream.UpstreamCheck",
          "dev.holdfast.upstream.HealthCheckers");

  private static final Set<String> PATTERNS_OF_STRING =
      Set.of("matches", "replaceAll", "replaceFirst");

  /** These read names that the JDK gives to cipher suites. */
  private static final Set<String> MAY_USE_PATTERNS = Set.of("dev.holdfast.tls.ServerTls");

  /** One that the JDK splits at without a pattern. */
  private static final Pattern SPLIT_AT_ONE_CHARACTER =
      Pattern.compile("\\.split\\(\"([^.$|()\\[{^?*+\\\\]|\\\\\\\\[^0-9a-zA-Z])\", [^)]+\\)");

  /** Metaphors that had to be learnt; what replaced them is in {@code docs/architecture.md}. */
  private static final Pattern FORMER_NAMES =
      Pattern.compile(
          "Absence|Alarm|Allowance|Approach|Arrival|Asked|Attachment|Board|BorrowedLink|Bridge|Budget"
              + "|Cession|Claim|Comeback|Condition|Desk|Elsewhere|Estate|Form|Frames|Glance|Handover"
              + "|Hop|Journal|Lane|Ledger|LentLink|Moves|NodeSurroundings|Pace|Passage|Patience"
              + "|Presence|Referral|Relay|Relinks|RemoteCarrier|RemoteTransport|Residents?|Resumption"
              + "|Roll|Roster|Silence|SocketSessions|Surroundings|Trade|Trouble|Turn|Users"
              + "|WaitingRoom|Watch|WholePackets|Will");

  private static final Set<String> ANY =
      Set.of(
          "java.lang.Throwable",
          "java.lang.Exception",
          "java.lang.RuntimeException",
          "java.lang.Error");

  private static final JavaClasses PRODUCT = CodeRules.product("dev.holdfast");

  static Stream<String> rows() {
    return MAY_USE.lines();
  }

  @Test
  void typesHaveNamesThatAStrangerGuesses() {
    classes()
        .should(
            be(
                describe(
                    "named by a term of the field",
                    type -> !FORMER_NAMES.matcher(type.getSimpleName()).matches())))
        .check(PRODUCT);
  }

  @Test
  void simpleNameOfATypeIsUsedOnce() {
    assertThat(
            PRODUCT.stream()
                .filter(JavaClass::isTopLevelClass)
                .map(JavaClass::getSimpleName)
                .filter(name -> !name.equals("package-info")))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void packageUsesOnlyWhatItMay(String row) {
    String name = name(row);
    useOnly(Stream.of(name), Stream.concat(Stream.of(name), words(row)));
  }

  @Test
  void coreKnowsNothingOfTheGateway() {
    useOnly(CORE.stream(), Stream.concat(CORE.stream(), LIBRARIES_OF_CORE.stream()));
  }

  private static void useOnly(Stream<String> packages, Stream<String> allowed) {
    classes()
        .that()
        .resideInAnyPackage(patterns(packages))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            patterns(Stream.concat(Stream.of("java", "javax", "jspecify"), allowed)))
        .allowEmptyShould(true)
        .check(PRODUCT);
  }

  private static String[] patterns(Stream<String> words) {
    return words
        .map(word -> LIBRARIES.getOrDefault(word, "dev.holdfast." + word + ".."))
        .toArray(String[]::new);
  }

  @Test
  void everyPackageHasItsRow() {
    var packages =
        PRODUCT.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.equals("dev.holdfast"))
            .map(name -> name.replaceAll("dev\\.holdfast\\.([a-z0-9]+).*", "$1"))
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

  @Test
  void noPeersBytesReachTheResolver() {
    assertThat(outside(ArchitectureTest::resolves)).isEqualTo(MAY_RESOLVE);
  }

  @Test
  void noPeersBytesReachABacktrackingPattern() throws IOException {
    assertThat(outside(ArchitectureTest::usesPattern)).isEqualTo(MAY_USE_PATTERNS);
    for (Path source : sources()) {
      for (String line : Files.readAllLines(source)) {
        assertThat(line.contains(".split(") && !SPLIT_AT_ONE_CHARACTER.matcher(line).find())
            .as(source + ": " + line)
            .isFalse();
      }
    }
  }

  /** Who does that, but for what reads settings: of those, peers' bytes reach addresses only. */
  private static Set<String> outside(Predicate<JavaAccess<?>> kind) {
    return PRODUCT.stream()
        .filter(
            type ->
                !type.getPackageName().equals("dev.holdfast.config")
                    || outermost(type).endsWith(".IpLiteral"))
        .filter(type -> type.getAccessesFromSelf().stream().anyMatch(kind))
        .map(ArchitectureTest::outermost)
        .collect(Collectors.toSet());
  }

  private static boolean resolves(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    if (owner.equals("java.net.InetSocketAddress") && access.getName().equals("<init>")) {
      return access.getTarget() instanceof CodeUnitAccessTarget constructor
          && constructor.getRawParameterTypes().get(0).isEquivalentTo(String.class);
    }
    return owner.startsWith("java.net.Inet") && RESOLVING.contains(access.getName());
  }

  private static boolean usesPattern(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    return owner.startsWith("java.util.regex.")
        || owner.equals("java.util.Scanner")
        || (owner.equals("java.lang.String") && PATTERNS_OF_STRING.contains(access.getName()));
  }

  private static List<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String module : List.of("core", "gateway")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
      }
    }
    return found;
  }

  private static String outermost(JavaClass type) {
    return type.getName().replaceAll("\\$.*", "");
  }

  private static boolean starts(JavaAccess<?> access) {
    Set<String> names = STARTERS.getOrDefault(access.getTargetOwner().getName(), Set.of());
    return names.contains(access.getName()) || names.contains("*");
  }

  /** What is thrown anywhere passes the boundary, which alone knows what it ends. */
  @Test
  void onlyTheBoundaryCatchesWhatMayBeThrownAnywhere() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.holdfast.time.ErrorBoundary")
        .should(
            be(
                describe(
                    "catching what may be thrown anywhere",
                    (JavaClass type) ->
                        type.getCodeUnits().stream().anyMatch(ArchitectureTest::catchesAll))))
        .check(PRODUCT);
  }

  @Test
  void catchOfTheBoundaryIsSeen() {
    assertThat(PRODUCT.get("dev.holdfast.time.ErrorBoundary").getCodeUnits())
        .filteredOn(ArchitectureTest::catchesAll)
        .extracting(JavaCodeUnit::getName)
        .contains("run", "enter", "attempt");
  }

  /**
   * The compiler makes two blocks that catch {@code Throwable} for each resource of a {@code try},
   * and one call of {@code addSuppressed}.
   */
  private static boolean catchesAll(JavaCodeUnit code) {
    long blocks =
        code.getTryCatchBlocks().stream()
            .filter(
                block ->
                    block.getCaughtThrowables().stream()
                        .anyMatch(caught -> ANY.contains(caught.getName())))
            .count();
    long resources =
        code.getMethodCallsFromSelf().stream()
            .filter(call -> call.getName().equals("addSuppressed"))
            .count();
    return blocks > 2 * resources;
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
