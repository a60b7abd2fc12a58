package dev.holdfast.cli;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import dev.holdfast.CodeRules;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CliArchitectureTest {
  private static final JavaClasses PRODUCT = CodeRules.product("dev.holdfast.cli");

  @ParameterizedTest
  @MethodSource("dev.holdfast.CodeRules#rules")
  void codeKeepsTheRulesOfAllModules(ArchRule rule) {
    rule.allowEmptyShould(true).check(PRODUCT);
  }
}
