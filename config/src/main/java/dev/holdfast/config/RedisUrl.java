package dev.holdfast.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where Redis is, in the form that Open WebUI's client takes, too. Immutable.
 *
 * <pre>redis[s]://[[user]:password@]host[:port][/database]</pre>
 *
 * @param tls whether it began with {@code rediss://}
 * @param host with Sentinel the name of the master
 */
public record RedisUrl(
    boolean tls,
    String host,
    int port,
    int database,
    Optional<String> username,
    Optional<String> password) {
  private static final int DEFAULT_PORT = 6379;
  private static final int LAST_PORT = 65_535;
  private static final Pattern FORM =
      Pattern.compile(
          "(redis|rediss)://(?:([^:@]*)(?::(.*))?@)?(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9_.-]+))"
              + "(?::([0-9]{1,5}))?(?:/([0-9]{0,5}))?");

  static Kind<RedisUrl> kind() {
    return Kind.ofSecret(
        "`redis[s]://[[user]:password@]host[:port][/database]`", text -> parse(text.strip()));
  }

  private static RedisUrl parse(String text) throws Rejected {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new Rejected(
          "must be redis:// or rediss://[[user]:password@]host[:port][/database], without a query;"
              + " in a password write % as %25 and @ as %40");
    }
    int port = number(matcher.group(6), DEFAULT_PORT);
    if (port == 0 || port > LAST_PORT) {
      throw new Rejected("the port must be 1 to " + LAST_PORT);
    }
    if (Kind.MASK.equals(matcher.group(2))) {
      throw new Rejected("holds what is shown in place of a user and password; give these");
    }
    return new RedisUrl(
        matcher.group(1).equals("rediss"),
        matcher.group(4) == null ? matcher.group(5) : matcher.group(4),
        port,
        number(matcher.group(7), 0),
        decoded(matcher.group(2)),
        decoded(matcher.group(3)));
  }

  private static int number(String text, int fallback) {
    return text == null || text.isEmpty() ? fallback : Integer.parseInt(text);
  }

  private static Optional<String> decoded(String text) throws Rejected {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    try {
      // Unlike in a form, a plus is a plus.
      return Optional.of(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new Rejected("in a user or password % must be written as %25");
    }
  }

  /** The text of a URL without its user and password; nothing of what is no URL. */
  static String shown(String text) {
    String url = text.strip();
    if (!FORM.matcher(url).matches()) {
      return Kind.MASK;
    }
    int begin = url.indexOf("//") + 2;
    int end = url.lastIndexOf('@');
    return end < begin ? url : url.substring(0, begin) + Kind.MASK + url.substring(end);
  }

  @Override
  public String toString() {
    String address = new HostPort(host, port).toString();
    return (tls ? "rediss" : "redis") + "://" + address + "/" + database;
  }
}
