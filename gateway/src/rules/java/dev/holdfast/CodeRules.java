package dev.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNTHETIC;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** What holds for the code of every module. Each module's tests check its own classes. */
public final class CodeRules {
  /** Time is read and waited for through {@code dev.holdfast.time} only, so tests can move it. */
  private static final Map<String, Set<String>> CLOCKS =
      Map.of(
          "java.lang.System", Set.of("nanoTime", "currentTimeMillis"),
          "java.lang.Thread", Set.of("sleep"),
          "java.util.concurrent.TimeUnit", Set.of("sleep"),
          "java.time.Instant", Set.of("now"),
          "java.time.LocalDateTime", Set.of("now"),
          "java.time.OffsetDateTime", Set.of("now"),
          "java.time.ZonedDateTime", Set.of("now"),
          "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"));

  /** What each thread has for itself is no state that they share, so {@code ThreadLocal} may stand. */
  private static final Set<String> MUTABLE =
      Set.of(
          "java.util.concurrent.atomic.AtomicBoolean",
          "java.util.concurrent.atomic.AtomicInteger",
          "java.util.concurrent.atomic.AtomicLong",
          "java.util.concurrent.atomic.AtomicReference",
          "java.util.concurrent.atomic.LongAdder",
          "java.util.AbstractCollection",
          "java.util.AbstractMap");

  private CodeRules() {}

  /** The classes of the product below a package that this module's tests can see. */
  public static JavaClasses product(String base) {
    return new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages(base);
  }

  /** The rules, each for a test of its own. */
  public static Stream<ArchRule> rules() {
    return Stream.of(
        clock(), console(), statics(), typeNames(), methodNames(), nullMarked(), components());
  }

  private static ArchRule clock() {
    return noClasses()
        .that()
        .resideOutsideOfPackage("dev.holdfast.time")
        .should()
        .accessTargetWhere(
            describe(
                "reads a clock or sleeps",
                (JavaAccess<?> access) ->
                    CLOCKS
                        .getOrDefault(access.getTargetOwner().getName(), Set.of())
                        .contains(access.getName())))
        .as("Only dev.holdfast.time reads a clock or sleeps");
  }

  private static ArchRule console() {
    return noClasses()
        .that()
        .resideOutsideOfPackage("dev.holdfast.cli..")
        .and()
        .doNotHaveFullyQualifiedName("dev.holdfast.time.OutOfMemory")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .as("Only dev.holdfast.cli, and what finds memory used up, ends the process or writes to the console");
  }

  private static ArchRule statics() {
    return fields()
        .that()
        .areStatic()
        .and()
        .doNotHaveModifier(SYNTHETIC)
        .should(
            be(
                describe(
                    "final and of an immutable type",
                    (JavaField field) ->
                        field.getModifiers().contains(FINAL)
                            && MUTABLE.stream().noneMatch(field.getRawType()::isAssignableTo))))
        .as("No static field can change");
  }

  private static ArchRule typeNames() {
    return noClasses()
        .should()
        .haveNameMatching(".*(Impl|Manager|Utils?|Helpers?|Base)")
        .as("Types are called after what they are");
  }

  private static ArchRule methodNames() {
    return methods()
        .that(
            describe(
                "are ours",
                (JavaMethod method) ->
                    !method.getModifiers().contains(SYNTHETIC) && !overridesForeign(method)))
        .should()
        .haveNameNotMatching("get[A-Z].*")
        .as("No method is called get…");
  }

  private static boolean overridesForeign(JavaMethod method) {
    JavaClass owner = method.getOwner();
    DescribedPredicate<JavaClass> declaresIt =
        describe(
            "declares it",
            (JavaClass type) ->
                !type.getPackageName().startsWith("dev.holdfast")
                    && type.getMethods().stream()
                        .anyMatch(
                            theirs ->
                                theirs.getName().equals(method.getName())
                                    && theirs.getParameters().size()
                                        == method.getParameters().size()));
    return owner.getAllRawSuperclasses().stream().anyMatch(declaresIt)
        || owner.getAllRawInterfaces().stream().anyMatch(declaresIt);
  }

  private static ArchRule nullMarked() {
    return classes()
        .should(
            be(
                describe(
                    "in a package that is @NullMarked",
                    (JavaClass type) -> type.getPackage().isAnnotatedWith(NullMarked.class))))
        .as("Every package is @NullMarked");
  }

  private static ArchRule components() {
    return classes().should(new SmallComponents());
  }

  /** Classes that depend on each other can only be read together. */
  private static final class SmallComponents extends ArchCondition<JavaClass> {
    private static final int MAX = 6;

    private final List<JavaClass> seen = new ArrayList<>();

    SmallComponents() {
      super("form no strongly connected component of more than %d inside a package", MAX);
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
      seen.add(type);
    }

    @Override
    public void finish(ConditionEvents events) {
      for (Set<String> each : StronglyConnectedComponents.insidePackages(seen)) {
        if (each.size() > MAX) {
          events.add(SimpleConditionEvent.violated(each, each.size() + " classes: " + each));
        }
      }
    }
  }
}
