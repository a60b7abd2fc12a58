package dev.holdfast.cli;

import dev.holdfast.config.Configuration;
import dev.holdfast.config.Configuration.Effective;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code holdfast config}. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    description = "Print the effective settings and the source of each value; secrets are masked.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the settings are valid", "2:bad option or setting"})
final class ConfigCommand implements Runnable {
  private final Map<String, String> environment;

  @Spec private CommandSpec spec;
  @Mixin private SettingsOptions options;

  @Option(names = "--yaml", description = "Print a settings file without default values.")
  private boolean yaml;

  ConfigCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    Configuration configuration = options.load(environment);
    PrintWriter out = spec.commandLine().getOut();
    if (yaml) {
      configuration.values().stream()
          .filter(value -> !value.source().equals("default"))
          .forEach(value -> out.println(line(value)));
    } else {
      table(configuration.values(), out);
      out.println("auto: " + configuration.budgets());
    }
    out.flush();
  }

  private static String line(Effective value) {
    return value.masked()
        ? "# " + value.key() + " holds a secret, which is not shown"
        : value.key() + ": '" + value.text().replace("'", "''") + "'";
  }

  private static void table(List<Effective> values, PrintWriter out) {
    int key = values.stream().mapToInt(each -> each.key().length()).max().orElse(0);
    int text = values.stream().mapToInt(each -> each.text().length()).max().orElse(0);
    String row = "%-" + key + "s  %-" + Math.max(1, text) + "s  %s%n";
    values.forEach(each -> out.printf(row, each.key(), each.text(), each.source()));
  }
}
