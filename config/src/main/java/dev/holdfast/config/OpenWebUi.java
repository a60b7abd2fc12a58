package dev.holdfast.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Open WebUI's own environment variables, so that one environment file serves both. Its others are
 * not read.
 */
final class OpenWebUi {
  /** Whether Open WebUI takes WebSockets; not a setting of ours, but there are no links without. */
  static final String WEBSOCKETS = "ENABLE_WEBSOCKET_SUPPORT";

  /** Says whether Open WebUI itself uses Redis for its WebSockets. */
  static final String MANAGER = "WEBSOCKET_MANAGER";

  private final Environment environment;
  private final Reading reading;

  private OpenWebUi(Environment environment, Reading reading) {
    this.environment = environment;
    this.reading = reading;
  }

  static void read(Environment environment, Reading reading) {
    OpenWebUi openWebUi = new OpenWebUi(environment, reading);
    openWebUi.spellings();
    Keys.all().stream()
        .filter(key -> !RedisKeys.KEYS.keys().contains(key))
        .forEach(openWebUi::read);
    openWebUi.redis();
    openWebUi.websockets();
  }

  private void read(Key<?> key) {
    if (key.secret()) {
      lastFirst(key, name -> environment.secret(name, key));
      return;
    }
    List<String> names =
        key.openWebUi().stream().filter(name -> environment.text(name).isPresent()).toList();
    String text =
        names.stream()
            .flatMap(name -> environment.text(name).stream())
            .collect(Collectors.joining(key.kind().separator()));
    String source = Environment.source(String.join(", ", names));
    if (!names.isEmpty() && !key.kind().unit().isEmpty() && !text.matches("[0-9]{1,9}")) {
      reading.problem(key.name(), source, text, "must be whole seconds, such as 25");
    } else if (!names.isEmpty()) {
      reading.take(key.name(), text + key.kind().unit(), source);
    }
  }

  /** The first name is taken last, and so counts. */
  private static void lastFirst(Key<?> key, Consumer<String> taken) {
    for (int i = key.openWebUi().size() - 1; i >= 0; i--) {
      taken.accept(key.openWebUi().get(i));
    }
  }

  /** Open WebUI compares origins as texts: one in another spelling allows nobody there. */
  private void spellings() {
    String name = EdgeKeys.ORIGINS.openWebUi().get(0);
    for (String origin : environment.text(name).orElse("").split(";", -1)) {
      Optional<Origin> read = Origin.parse(origin.strip());
      if (read.isPresent() && !read.get().toString().equals(origin)) {
        reading.notice(
            "%s=%s: Open WebUI with the same value refuses pages of %s, write it so"
                .formatted(name, origin, read.get()));
      }
    }
  }

  /** Its variables of Redis count only if it uses Redis for its WebSockets. */
  private void redis() {
    if (bare(MANAGER).filter("redis"::equalsIgnoreCase).isEmpty()) {
      return;
    }
    lastFirst(RedisKeys.URL, this::url);
    String hosts = RedisKeys.SENTINEL_HOSTS.openWebUi().get(0);
    Optional<String> sentinels = bare(hosts).filter(it -> !it.replace(",", "").isBlank());
    sentinels.ifPresent(it -> take(hosts, RedisKeys.SENTINEL_HOSTS, it));
    lastFirst(
        RedisKeys.SENTINEL_PORT,
        name -> bare(name).ifPresent(it -> take(name, RedisKeys.SENTINEL_PORT, it)));
    if (sentinels.isEmpty()) {
      lastFirst(RedisKeys.CLUSTER, this::cluster);
      if (bare("REDIS_SENTINEL_HOSTS").isPresent()) {
        reading.notice(
            "REDIS_SENTINEL_HOSTS without WEBSOCKET_SENTINEL_HOSTS: neither the WebSockets"
                + " of Open WebUI nor Holdfast ask these Sentinels");
      }
    }
    String own = RedisKeys.URL.variable();
    boolean given = environment.text(own).or(() -> environment.text(own + "_FILE")).isPresent();
    if (!given && !reading.isGiven(RedisKeys.URL)) {
      reading.notice(MANAGER + "=redis without WEBSOCKET_REDIS_URL: this node works alone");
    }
  }

  private void url(String name) {
    // Quotes with nothing in them are nothing.
    if (environment.text(name).isEmpty() || bare(name).isPresent()) {
      environment.secret(name, RedisKeys.URL);
    }
  }

  /** Open WebUI takes all but one word for false, and asks Sentinels rather than a cluster. */
  private void cluster(String name) {
    bare(name)
        .ifPresent(
            it -> take(name, RedisKeys.CLUSTER, Boolean.toString(it.equalsIgnoreCase("true"))));
  }

  private void take(String name, Key<?> key, String text) {
    reading.take(key.name(), text, Environment.source(name));
  }

  /** The variable without the quotes and line ends that files of variables may leave around it. */
  private Optional<String> bare(String name) {
    return environment.text(name).map(RedisUrlText::bare).filter(it -> !it.isEmpty());
  }

  private void websockets() {
    String text = environment.text(WEBSOCKETS).orElse("true");
    if (!text.equalsIgnoreCase("true")) {
      reading.notice(
          "%s=%s: an Open WebUI that is run so refuses the links of its sessions; set it to true there"
              .formatted(WEBSOCKETS, text));
    }
  }
}
