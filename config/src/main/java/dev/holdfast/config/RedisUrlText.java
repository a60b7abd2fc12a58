package dev.holdfast.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The URL of Redis, split into its parts as Python's {@code urlparse} does, but not read yet:
 * redis-py reads that of a server, and Open WebUI itself that of a Sentinel's master. Immutable.
 *
 * <pre>redis[s]://[[user]:password@][host][:port][/database][?name=value&amp;…]</pre>
 *
 * @param authority between {@code //} and the path
 * @param query behind the question mark
 */
record RedisUrlText(boolean tls, String authority, String path, String query) {
  private static final int DEFAULT_PORT = 6379;
  private static final int LAST_PORT = 65_535;
  private static final String DEFAULT_HOST = "localhost";

  /** The name of the master, as in Open WebUI. */
  private static final String DEFAULT_MASTER = "mymaster";

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");
  private static final Pattern HOST = Pattern.compile("[^\\s\\[\\]@:/?#]+");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[^\\s]+)?");
  private static final Pattern IGNORED = Pattern.compile("[\t\r\n]");
  private static final Set<String> PLAIN = Set.of("redis", "valkey");
  private static final Set<String> SECURE = Set.of("rediss", "valkeys");
  private static final String FORM =
      "must be redis:// or rediss://[[user]:password@]host[:port][/database]";

  static Kind<RedisUrlText> kind() {
    return Kind.ofSecret(
        "`redis[s]://[[user]:password@]host[:port][/database][?name=value&…]`",
        RedisUrlText::parse);
  }

  private static RedisUrlText parse(String given) throws Rejected {
    String text = bare(given);
    Rejected.when(!SCHEME.matcher(text).matches(), FORM);
    int colon = text.indexOf("://");
    String scheme = text.substring(0, colon).toLowerCase(Locale.ROOT);
    Rejected.when(
        scheme.equals("unix"),
        "is a unix socket, which Holdfast does not use: let Redis listen on an address, and give"
            + " redis://host:port");
    Rejected.when(
        !PLAIN.contains(scheme) && !SECURE.contains(scheme), FORM + ", valkey:// or valkeys://");
    String rest = before(text.substring(colon + "://".length()), '#');
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String front = question < 0 ? rest : rest.substring(0, question);
    String authority = before(front, '/');
    RedisUrlText url =
        new RedisUrlText(
            SECURE.contains(scheme), authority, front.substring(authority.length()), query);
    Rejected.when(
        authority.startsWith(Kind.MASK) || query.contains(Kind.MASK),
        "holds what is shown in place of a user and password; give these");
    return url;
  }

  /** Without quotes around it, and without line ends, as files of variables are read. */
  static String bare(String text) {
    String bare = IGNORED.matcher(text).replaceAll("").strip();
    boolean quoted =
        bare.length() > 1
            && (bare.charAt(0) == '"' || bare.charAt(0) == '\'')
            && bare.charAt(bare.length() - 1) == bare.charAt(0);
    return quoted ? bare.substring(1, bare.length() - 1).strip() : bare;
  }

  private static String before(String text, char end) {
    int at = text.indexOf(end);
    return at < 0 ? text : text.substring(0, at);
  }

  /** That of a server, or of a node of a cluster. */
  RedisUrl server() throws Rejected {
    RedisQuery values = RedisQuery.parse(query, tls);
    String host = PythonText.unquoted(hostAsWritten().toLowerCase(Locale.ROOT));
    Rejected.when(
        !host.isEmpty() && !HOST.matcher(host).matches() && !IPV6.matcher(host).matches(),
        "the host is none");
    int port = port();
    return new RedisUrl(
        tls,
        host.isEmpty() ? values.host().orElse(DEFAULT_HOST) : host,
        port == 0 ? values.port().orElse(DEFAULT_PORT) : port,
        values.database().orElseGet(this::databaseOfPath),
        Kinds.present(PythonText.unquoted(user())).or(values::username),
        Kinds.present(PythonText.unquoted(password())).or(values::password),
        values);
  }

  /** redis-py takes what is no number for none. */
  private int databaseOfPath() {
    try {
      return PythonText.integer(PythonText.unquoted(path).replace("/", ""));
    } catch (Rejected none) {
      return 0;
    }
  }

  /** That of a Sentinel's master, which Open WebUI takes to the letter and without its query. */
  RedisUrl master() throws Rejected {
    String name = before(address(), ':');
    int unused = port();
    int slashes = 0;
    while (slashes < path.length() && path.charAt(slashes) == '/') {
      slashes++;
    }
    String database = path.substring(slashes);
    int number;
    try {
      number = database.isEmpty() ? 0 : PythonText.integer(database);
    } catch (Rejected e) {
      throw new Rejected("with Sentinel the path must be / and a database, such as /0");
    }
    return new RedisUrl(
        tls,
        name.isEmpty() ? DEFAULT_MASTER : name,
        DEFAULT_PORT,
        number,
        Kinds.present(user()),
        Kinds.present(password()),
        RedisQuery.parse("", tls).with(masterNotices()));
  }

  private List<String> masterNotices() {
    List<String> notices = new ArrayList<>();
    if (!query.isEmpty()) {
      notices.add("redis.url: with redis.sentinel-hosts its query is not used, as in Open WebUI");
    }
    if (user().indexOf('%') >= 0 || password().indexOf('%') >= 0) {
      notices.add(
          "redis.url: with redis.sentinel-hosts % in its user and password stands for itself, as in"
              + " Open WebUI; redis.username and redis.password are for Redis alone");
    }
    if (tls) {
      notices.add(
          "redis.url: TLS is for the master, and the Sentinels are asked without it; Open WebUI up to"
              + " 0.12.4 asks both without");
    }
    return List.copyOf(notices);
  }

  private String address() {
    return authority.substring(authority.lastIndexOf('@') + 1);
  }

  private String userInfo() {
    int at = authority.lastIndexOf('@');
    return at < 0 ? "" : authority.substring(0, at);
  }

  private String user() {
    return before(userInfo(), ':');
  }

  private String password() {
    String info = userInfo();
    int colon = info.indexOf(':');
    return colon < 0 ? "" : info.substring(colon + 1);
  }

  private String hostAsWritten() throws Rejected {
    String address = address();
    int open = address.indexOf('[');
    if (open < 0) {
      return before(address, ':');
    }
    int close = address.indexOf(']');
    String host = close < open ? "" : address.substring(open + 1, close);
    Rejected.when(
        open > 0 || !IPV6.matcher(host).matches(), "the brackets must hold an IPv6 address");
    return host;
  }

  /** Zero for none, as redis-py has it. */
  private int port() throws Rejected {
    String address = address();
    String behind = address.substring(address.indexOf(']') + 1);
    int colon = behind.indexOf(':');
    String port = colon < 0 ? "" : behind.substring(colon + 1);
    if (port.isEmpty()) {
      return 0;
    }
    Rejected.when(
        !port.matches("[0-9]{1,9}") || Integer.parseInt(port) > LAST_PORT,
        "the port must be 1 to "
            + LAST_PORT
            + "; in a user or password write @ as %40, : as %3A, / as %2F, ? as %3F and # as %23");
    return Integer.parseInt(port);
  }

  /** The text of a URL without its user and password; nothing of what is no URL. */
  static String shown(String text) {
    RedisUrlText url;
    try {
      url = parse(text);
      int unused = url.port();
    } catch (Rejected e) {
      return Kind.MASK;
    }
    String user = url.userInfo().isEmpty() ? "" : Kind.MASK + "@";
    String query = url.query.isEmpty() ? "" : "?" + RedisQuery.shown(url.query);
    String bare = bare(text);
    return bare.substring(0, bare.indexOf("://") + 3) + user + url.address() + url.path + query;
  }
}
