package dev.holdfast.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Open WebUI's own environment variables, so that one environment file serves both. Its others are
 * not read.
 */
final class OpenWebUi {
  /** Whether Open WebUI takes WebSockets; not a setting of ours, but there are no links without. */
  static final String WEBSOCKETS = "ENABLE_WEBSOCKET_SUPPORT";

  private static final String CORS = "CORS_ALLOW_ORIGIN";

  /** Says whether Open WebUI itself uses Redis for its WebSockets. */
  static final String MANAGER = "WEBSOCKET_MANAGER";

  private static final String SENTINEL_HOSTS = "WEBSOCKET_SENTINEL_HOSTS";
  private static final String SENTINEL_PORT = "WEBSOCKET_SENTINEL_PORT";

  private static final List<String> TRUSTED_HEADERS =
      List.of(
          "WEBUI_AUTH_TRUSTED_EMAIL_HEADER",
          "WEBUI_AUTH_TRUSTED_NAME_HEADER",
          "WEBUI_AUTH_TRUSTED_GROUPS_HEADER",
          "WEBUI_AUTH_TRUSTED_ROLE_HEADER");

  private final Environment environment;
  private final Reading reading;

  private OpenWebUi(Environment environment, Reading reading) {
    this.environment = environment;
    this.reading = reading;
  }

  static void read(Environment environment, Reading reading) {
    OpenWebUi openWebUi = new OpenWebUi(environment, reading);
    openWebUi.text(CORS, EdgeKeys.ORIGINS);
    openWebUi.spellings();
    openWebUi.seconds("WEBSOCKET_SERVER_PING_INTERVAL", EdgeKeys.PING_INTERVAL);
    openWebUi.seconds("WEBSOCKET_SERVER_PING_TIMEOUT", EdgeKeys.PING_TIMEOUT);
    // The second is the newer name and wins.
    environment.secret("WEBUI_JWT_SECRET_KEY", ProxyKeys.SECRET_KEY);
    environment.secret("WEBUI_SECRET_KEY", ProxyKeys.SECRET_KEY);
    openWebUi.redis();
    openWebUi.trustedHeaders();
    openWebUi.websockets();
  }

  /** The names that set a setting, for the documentation. */
  static Map<String, List<String>> names() {
    return Map.of(
        EdgeKeys.ORIGINS.name(), List.of(CORS),
        EdgeKeys.PING_INTERVAL.name(), List.of("WEBSOCKET_SERVER_PING_INTERVAL"),
        EdgeKeys.PING_TIMEOUT.name(), List.of("WEBSOCKET_SERVER_PING_TIMEOUT"),
        RedisKeys.URL.name(), List.of("WEBSOCKET_REDIS_URL", "REDIS_URL"),
        RedisKeys.CLUSTER.name(), List.of("WEBSOCKET_REDIS_CLUSTER", "REDIS_CLUSTER"),
        RedisKeys.SENTINEL_HOSTS.name(), List.of(SENTINEL_HOSTS),
        RedisKeys.SENTINEL_PORT.name(), List.of(SENTINEL_PORT),
        ProxyKeys.SECRET_KEY.name(), List.of("WEBUI_SECRET_KEY", "WEBUI_JWT_SECRET_KEY"),
        ProxyKeys.TRUSTED_HEADERS.name(), TRUSTED_HEADERS);
  }

  private void text(String name, Key<?> key) {
    environment
        .text(name)
        .ifPresent(text -> reading.take(key.name(), text, Environment.source(name)));
  }

  /** Open WebUI compares origins as texts: one in another spelling allows nobody there. */
  private void spellings() {
    for (String origin : environment.text(CORS).orElse("").split(";", -1)) {
      Origin.parse(origin.strip())
          .filter(it -> !it.toString().equals(origin))
          .ifPresent(
              it ->
                  reading.notice(
                      "%s=%s: Open WebUI with the same value refuses pages of %s, write it so"
                          .formatted(CORS, origin, it)));
    }
  }

  private void seconds(String name, Key<?> key) {
    environment
        .text(name)
        .ifPresent(
            text -> {
              if (text.matches("[0-9]{1,9}")) {
                reading.take(key.name(), text + "s", Environment.source(name));
              } else {
                reading.problem(
                    key.name(),
                    Environment.source(name),
                    text,
                    "must be whole seconds, such as 25");
              }
            });
  }

  /** Its variables of Redis count only if it uses Redis for its WebSockets. */
  private void redis() {
    if (bare(MANAGER).filter("redis"::equalsIgnoreCase).isEmpty()) {
      return;
    }
    // The second is the one for WebSockets and wins.
    url("REDIS_URL");
    url("WEBSOCKET_REDIS_URL");
    Optional<String> sentinels = bare(SENTINEL_HOSTS).filter(it -> !it.replace(",", "").isBlank());
    sentinels.ifPresent(it -> take(SENTINEL_HOSTS, RedisKeys.SENTINEL_HOSTS, it));
    bare(SENTINEL_PORT).ifPresent(it -> take(SENTINEL_PORT, RedisKeys.SENTINEL_PORT, it));
    if (sentinels.isEmpty()) {
      cluster("REDIS_CLUSTER");
      cluster("WEBSOCKET_REDIS_CLUSTER");
      bare("REDIS_SENTINEL_HOSTS")
          .ifPresent(
              it ->
                  reading.notice(
                      "REDIS_SENTINEL_HOSTS without WEBSOCKET_SENTINEL_HOSTS: neither the WebSockets"
                          + " of Open WebUI nor Holdfast ask these Sentinels"));
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

  private void trustedHeaders() {
    List<String> present =
        TRUSTED_HEADERS.stream().filter(name -> environment.text(name).isPresent()).toList();
    if (!present.isEmpty()) {
      List<String> headers = new ArrayList<>();
      present.forEach(name -> environment.text(name).ifPresent(headers::add));
      String source = Environment.source(String.join(", ", present));
      reading.take(ProxyKeys.TRUSTED_HEADERS.name(), String.join(",", headers), source);
    }
  }

  private void websockets() {
    environment
        .text(WEBSOCKETS)
        .filter(text -> !text.equalsIgnoreCase("true"))
        .ifPresent(
            text ->
                reading.notice(
                    WEBSOCKETS
                        + "="
                        + text
                        + ": an Open WebUI that is run so refuses the links of its sessions;"
                        + " set it to true there"));
  }
}
