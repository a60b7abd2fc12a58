package dev.holdfast.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds the settings out of texts, or says all that is wrong with them. */
final class Assembly {
  private Assembly() {}

  /**
   * Settings of what was read.
   *
   * @param capacity what the process has that runs with them; empty if it is not this one, and then
   *     nothing can be too much
   */
  static Settings settings(Reading reading, Optional<Capacity> capacity) {
    Map<String, Object> values = new HashMap<>();
    Keys.all().forEach(key -> values.put(key.name(), reading.value(key)));
    Settings given = new Settings(values, capacity.orElse(Capacity.ASSUMED));
    Settings settings = completed(RedisAssembly.join(given, reading), reading);
    check(settings, reading);
    capacity.ifPresent(it -> checkBudgets(settings, it, reading));
    if (!reading.problems().isEmpty()) {
      throw new ConfigException(reading.problems());
    }
    return settings;
  }

  /** With what takes its default from elsewhere. */
  private static Settings completed(Settings given, Reading reading) {
    Settings completed = given;
    if (given.get(EdgeKeys.ADMIN_TOKEN_FILE).isEmpty()) {
      completed = completed.with(EdgeKeys.ADMIN_TOKEN_FILE, reading.tokenFiles());
    }
    if (given.get(NodeKeys.SECRET).isEmpty()) {
      String secret = given.get(ProxyKeys.SECRET_KEY).orElse(NodeKeys.KEPT_IN_REDIS);
      completed = completed.with(NodeKeys.SECRET, List.of(secret));
    }
    return completed;
  }

  private static void check(Settings settings, Reading reading) {
    RedisAssembly.check(settings, reading);
    boolean certificate = settings.get(EdgeKeys.CERTIFICATE).isPresent();
    boolean key = settings.get(EdgeKeys.PRIVATE_KEY).isPresent();
    reading.require(!certificate || key, EdgeKeys.CERTIFICATE, "needs tls.key as well");
    reading.require(!key || certificate, EdgeKeys.PRIVATE_KEY, "needs tls.certificate as well");
    HostPort listen = settings.get(EdgeKeys.LISTEN);
    reading.require(
        listen.port() == 0
            || settings.get(EdgeKeys.ADMIN_LISTEN).stream().noneMatch(listen::equals),
        EdgeKeys.ADMIN_LISTEN,
        "must not be the address of listen");
  }

  private static void checkBudgets(Settings settings, Capacity capacity, Reading reading) {
    Budgets budgets = settings.budgets();
    budgets.excesses(capacity, settings).forEach(reading::problem);
    capacity.overcommitment().ifPresent(reading::notice);
    budgets.shortage(capacity, settings).ifPresent(reading::notice);
    reading.budgets(capacity + ": " + budgets);
  }
}
