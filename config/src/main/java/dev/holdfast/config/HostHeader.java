package dev.holdfast.config;

import java.util.Locale;
import java.util.Optional;

/**
 * Which {@code Host} an upstream is sent, in requests, links and checks alike. Immutable.
 *
 * @param fixed the value of {@link Source#NAME}, else empty
 */
public record HostHeader(Source source, String fixed) {
  /** That of the client's own request. */
  public static final HostHeader CLIENT = new HostHeader(Source.CLIENT, "");

  /** Where its value comes from. */
  public enum Source {
    /** What the client asked for, as it wrote it. */
    CLIENT,
    /** The upstream's own name. */
    UPSTREAM,
    /** A name that is set. */
    NAME
  }

  static Kind<HostHeader> kind() {
    Kind<String> name =
        Kinds.matching(
            "(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9_.-]+)(?::[0-9]{1,5})?",
            "client, upstream or a host, with or without a port");
    return Kind.of(
        "`client`, `upstream` or `host[:port]`",
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "client" -> CLIENT;
              case "upstream" -> new HostHeader(Source.UPSTREAM, "");
              default -> new HostHeader(Source.NAME, name.parse(text));
            });
  }

  /**
   * The value for one request.
   *
   * @param client what the client has sent; an upstream's own name serves a request without one
   * @param upstream the upstream's own name
   */
  public String of(Optional<String> client, String upstream) {
    return switch (source) {
      case CLIENT -> client.filter(it -> !it.isEmpty()).orElse(upstream);
      case UPSTREAM -> upstream;
      case NAME -> fixed;
    };
  }
}
