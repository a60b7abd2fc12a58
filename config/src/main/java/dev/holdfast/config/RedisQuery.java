package dev.holdfast.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The query of a Redis URL, with the parameters of redis-py 8. Immutable.
 *
 * @param host if the URL has none in front
 * @param port likewise
 * @param verified false for {@code ssl_cert_reqs=none}
 * @param named false for {@code ssl_check_hostname=false}
 * @param notices what the operator should know
 */
record RedisQuery(
    Optional<String> host,
    Optional<Integer> port,
    Optional<Integer> database,
    Optional<String> username,
    Optional<String> password,
    Files files,
    Timeouts timeouts,
    boolean verified,
    boolean named,
    List<String> notices) {
  private static final Set<String> CERT_REQS = Set.of("none", "optional", "required");
  private static final int LAST_PORT = 65_535;
  private static final Set<String> SECRETS =
      Set.of("username", "password", "ssl_password", "ssl_ca_data");
  private static final long LEAST_MILLIS = 10;
  private static final long MOST_MILLIS = 60_000;
  private static final double SECOND_MILLIS = 1000;

  /** PEM files for TLS. */
  record Files(Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {}

  /** How long things may take. */
  record Timeouts(Optional<Duration> connect, Optional<Duration> command) {}

  /** Says what is wrong with the value of a parameter that has no effect here. */
  private interface Check {
    void accept(String value) throws Rejected;
  }

  private static final Check ANY = value -> {};
  private static final Check INTEGER = PythonText::integer;

  /** What redis-py takes and Holdfast has no use for. */
  private static final Map<String, Check> PASSED_OVER =
      checks(
          Map.of(
              "decode_responses encoding encoding_errors legacy_responses",
              ANY,
              "retry_on_error retry_on_timeout socket_keepalive socket_type",
              ANY,
              "client_name lib_name lib_version",
              RedisQuery::clientName,
              "health_check_interval socket_read_size",
              INTEGER,
              "max_connections",
              it -> within(it, 0, Integer.MAX_VALUE, "must not be negative"),
              "protocol",
              it -> within(it, 2, 3, "must be 2 or 3")));

  /** The same, of TLS. */
  private static final Map<String, Check> PASSED_OVER_WITH_TLS =
      checks(
          Map.of(
              "ssl_ca_data ssl_ca_path ssl_ciphers ssl_password", ANY,
              "ssl_exclude_verify_flags ssl_include_verify_flags", RedisQuery::verifyFlags,
              "ssl_min_version", INTEGER));

  private static final Set<String> UNDERSTOOD =
      words("host port db username password socket_timeout socket_connect_timeout");

  private static final Set<String> UNDERSTOOD_WITH_TLS =
      words("ssl_cert_reqs ssl_check_hostname ssl_ca_certs ssl_certfile ssl_keyfile");

  private static final Set<String> VERIFY_FLAGS =
      words(
          "VERIFY_DEFAULT VERIFY_CRL_CHECK_LEAF VERIFY_CRL_CHECK_CHAIN VERIFY_X509_STRICT"
              + " VERIFY_ALLOW_PROXY_CERTS VERIFY_X509_TRUSTED_FIRST VERIFY_X509_PARTIAL_CHAIN");

  private static Set<String> words(String all) {
    return Set.of(all.split(" ", -1));
  }

  private static Map<String, Check> checks(Map<String, Check> ofWords) {
    Map<String, Check> all = new HashMap<>();
    ofWords.forEach((names, check) -> words(names).forEach(name -> all.put(name, check)));
    return all;
  }

  /**
   * What the query says.
   *
   * @param tls whether there is any; redis-py refuses parameters for it else
   */
  static RedisQuery parse(String query, boolean tls) throws Rejected {
    Map<String, String> values = values(query);
    List<String> passedOver = new ArrayList<>();
    for (Map.Entry<String, String> each : values.entrySet()) {
      if (look(each.getKey(), each.getValue(), tls)) {
        passedOver.add(each.getKey());
      }
    }
    Reader reader = new Reader(values);
    boolean verified = reader.value("ssl_cert_reqs", " ", RedisQuery::verified).orElse(true);
    boolean named = PythonText.flag(values.getOrDefault("ssl_check_hostname", "true"));
    return new RedisQuery(
        reader.text("host"),
        reader.value("port", " ", RedisQuery::port),
        reader.value("db", " ", PythonText::integer),
        reader.text("username"),
        reader.text("password"),
        new Files(
            reader.file("ssl_ca_certs"), reader.file("ssl_certfile"), reader.file("ssl_keyfile")),
        new Timeouts(reader.duration("socket_connect_timeout"), reader.duration("socket_timeout")),
        verified,
        named,
        notices(passedOver, verified, named));
  }

  /** Whether it is passed over; complains of what redis-py does not take. */
  private static boolean look(String name, String value, boolean tls) throws Rejected {
    if (UNDERSTOOD.contains(name) || (tls && UNDERSTOOD_WITH_TLS.contains(name))) {
      return false;
    }
    Check check = PASSED_OVER.getOrDefault(name, tls ? PASSED_OVER_WITH_TLS.get(name) : null);
    if (check == null) {
      boolean ofTls = !tls && name.startsWith("ssl");
      throw new Rejected(
          "has the parameter %s, which redis-py does not take %s"
              .formatted(shortened(name), ofTls ? "without rediss://" : "from a URL"));
    }
    try {
      check.accept(value);
    } catch (Rejected e) {
      throw new Rejected(name + " " + e.expected());
    }
    return true;
  }

  private static String shortened(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9_-]", "?");
    return plain.length() > 40 ? plain.substring(0, 40) + "…" : plain;
  }

  private static List<String> notices(List<String> passedOver, boolean verified, boolean named) {
    List<String> notices = new ArrayList<>();
    if (!passedOver.isEmpty()) {
      notices.add("redis.url: no effect here have " + String.join(", ", passedOver));
    }
    if (!verified) {
      notices.add(
          "redis.url: with ssl_cert_reqs=none anybody on the way can pose as Redis, and read its"
              + " password; give ssl_ca_certs or redis.ca-file instead");
    } else if (!named) {
      notices.add(
          "redis.url: with ssl_check_hostname=false whoever has a certificate of the same authority"
              + " can pose as Redis");
    }
    return List.copyOf(notices);
  }

  private static void clientName(String value) throws Rejected {
    Rejected.when(
        !value.chars().allMatch(c -> c > ' ' && c <= '~'),
        "must hold no blanks and no special characters");
  }

  private static void within(String value, int least, int most, String expected) throws Rejected {
    int number = PythonText.integer(value);
    Rejected.when(number < least || number > most, expected);
  }

  private static void verifyFlags(String value) throws Rejected {
    for (String each : value.replace("[", "").replace("]", "").split(",", -1)) {
      Rejected.when(
          !VERIFY_FLAGS.contains(each.strip()),
          "must be flags of Python's ssl module, such as VERIFY_X509_STRICT");
    }
  }

  /**
   * As Python's {@code parse_qs}: the first of each, none that is empty; redis-py decodes twice.
   */
  private static Map<String, String> values(String query) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String each : query.split("&", -1)) {
      int equals = each.indexOf('=');
      if (equals >= 0 && equals + 1 < each.length()) {
        String once = PythonText.unquoted(each.substring(equals + 1).replace('+', ' '));
        values.putIfAbsent(
            PythonText.unquoted(each.substring(0, equals).replace('+', ' ')),
            PythonText.unquoted(once));
      }
    }
    return values;
  }

  /** The text of a query without what it may hold of secrets. */
  static String shown(String query) {
    return values(query).keySet().stream().anyMatch(SECRETS::contains) ? Kind.MASK : query;
  }

  @Override
  public String toString() {
    return "RedisQuery[verified=" + verified + ", named=" + named + "]";
  }

  /** The same with other notices. */
  RedisQuery with(List<String> others) {
    return new RedisQuery(
        host, port, database, username, password, files, timeouts, verified, named, others);
  }

  /** Reads the parameters that are understood. */
  private record Reader(Map<String, String> values) {
    Optional<String> text(String name) {
      return Optional.ofNullable(values.get(name)).filter(it -> !it.isEmpty());
    }

    /** What the parser complains of stands behind the name. */
    <T> Optional<T> value(String name, String between, Kind.Parser<T> parser) throws Rejected {
      Optional<String> text = text(name);
      try {
        return text.isEmpty() ? Optional.empty() : Optional.of(parser.parse(text.get()));
      } catch (Rejected e) {
        throw new Rejected(name + between + e.expected());
      }
    }

    Optional<Path> file(String name) throws Rejected {
      return value(name, ": ", Kinds.file()::parse);
    }

    Optional<Duration> duration(String name) throws Rejected {
      return value(name, " ", RedisQuery::seconds);
    }
  }

  private static int port(String text) throws Rejected {
    Rejected.when(
        !text.matches("[0-9]{1,5}") || Integer.parseInt(text) > LAST_PORT,
        "must be 1 to " + LAST_PORT);
    return Integer.parseInt(text);
  }

  private static boolean verified(String text) throws Rejected {
    Rejected.when(!CERT_REQS.contains(text), "must be none, optional or required");
    return !text.equals("none");
  }

  /** Limits a value to the bounds of the setting. */
  private static Duration seconds(String text) throws Rejected {
    double seconds;
    try {
      seconds = PythonText.number(text);
    } catch (Rejected e) {
      throw new Rejected(e.expected() + " of seconds");
    }
    Rejected.when(seconds <= 0, "must be more than 0 s");
    double millis = Math.min(MOST_MILLIS, Math.max(LEAST_MILLIS, seconds * SECOND_MILLIS));
    return Duration.ofMillis(Math.round(millis));
  }
}
