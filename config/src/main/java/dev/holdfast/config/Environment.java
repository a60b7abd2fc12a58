package dev.holdfast.config;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads settings from environment variables: {@code HOLDFAST_*}, and below them Open WebUI's own.
 * An empty variable counts as none, because compose files pass those on.
 */
final class Environment {
  /** Names the settings file, so it is not a setting itself. */
  static final String CONFIG = "HOLDFAST_CONFIG";

  private static final String PREFIX = "HOLDFAST_";
  private static final String FILE = "_FILE";

  /** What Kubernetes gives every pod for each service whose name begins with "holdfast". */
  private static final Pattern KUBERNETES =
      Pattern.compile(
          "HOLDFAST_([A-Z0-9_]+_)?"
              + "(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
              + "|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)=.*"
              + "|HOLDFAST_([A-Z0-9_]+_)?PORT=(tcp|udp|sctp)://.*");

  private final Map<String, String> variables;
  private final Reading reading;

  private Environment(Map<String, String> variables, Reading reading) {
    this.variables = variables;
    this.reading = reading;
  }

  static void read(Map<String, String> variables, Reading reading) {
    Map<String, String> present = new TreeMap<>(variables);
    present.values().removeIf(String::isEmpty);
    Environment environment = new Environment(present, reading);
    OpenWebUi.read(environment, reading);
    environment.own();
    environment.tokenFiles();
  }

  static String source(String name) {
    return "environment " + name;
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(variables.get(name));
  }

  /** Takes a secret from the variable, or from the file that the variable with _FILE names. */
  void secret(String name, Key<?> key) {
    Optional<String> text = text(name);
    if (text.isPresent()) {
      reading.take(key.name(), text.get(), source(name));
    } else {
      text(name + FILE)
          .filter(file -> !isToBeMade(key, file))
          .ifPresent(file -> secretFile(name + FILE, key, file));
    }
  }

  /** The file of the admin token: the variable names that setting, too. */
  private static boolean isToBeMade(Key<?> key, String file) {
    return key.equals(EdgeKeys.ADMIN_TOKEN) && !new File(file).exists();
  }

  private void secretFile(String name, Key<?> key, String file) {
    try {
      String text = Files.readString(Path.of(file));
      reading.take(key.name(), text.stripTrailing(), source(name));
    } catch (IOException | InvalidPathException e) {
      reading.problem(key.name(), source(name), file, "the file cannot be read");
    }
  }

  /**
   * Directories for what ends with the machine: of a service (systemd), and of a user's session.
   */
  private void tokenFiles() {
    // A service may have several, separated by colons.
    text("RUNTIME_DIRECTORY")
        .flatMap(all -> Arrays.stream(all.split(":", -1)).findFirst())
        .ifPresent(directory -> tokenFile(directory, "admin-token"));
    text("XDG_RUNTIME_DIR").ifPresent(directory -> tokenFile(directory, "holdfast/admin-token"));
  }

  private void tokenFile(String directory, String name) {
    // A relative one is to be ignored, by the XDG Base Directory Specification.
    if (directory.startsWith("/")) {
      reading.tokenFile(Path.of(directory, name));
    }
  }

  private void own() {
    Map<String, String> unknown = new TreeMap<>(variables);
    unknown.keySet().removeIf(name -> !name.startsWith(PREFIX) || name.equals(CONFIG));
    unknown.entrySet().removeIf(each -> KUBERNETES.matcher(each.toString()).matches());
    for (Key<?> key : Keys.all()) {
      own(key);
      unknown.remove(key.variable());
      if (key.secret()) {
        unknown.remove(key.variable() + FILE);
      }
    }
    var known = Keys.all().stream().map(Key::variable).toList();
    unknown
        .keySet()
        .forEach(name -> reading.problem(name, "environment", "", Nearest.suggestion(name, known)));
  }

  private void own(Key<?> key) {
    String name = key.variable();
    if (!key.secret()) {
      text(name).ifPresent(text -> reading.take(key.name(), text, source(name)));
    } else if (text(name).isPresent() && text(name + FILE).isPresent()) {
      reading.problem(key.name(), source(name), "", "give either this or " + name + FILE);
    } else {
      secret(name, key);
    }
  }
}
