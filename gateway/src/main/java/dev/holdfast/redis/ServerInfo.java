package dev.holdfast.redis;

import java.util.Optional;

/** The server's kind and version, from the section {@code server} of INFO. Immutable. */
record ServerInfo(String kind, String version) {
  /** Parses INFO; the version is unknown if the ACL forbids it. */
  static ServerInfo of(Optional<String> info) {
    String text = info.orElse("");
    Optional<String> valkey = value(text, "valkey_version");
    return valkey
        .map(version -> new ServerInfo("valkey", version))
        .orElseGet(() -> new ServerInfo("redis", value(text, "redis_version").orElse("unknown")));
  }

  /** Returns whether the version is at least this one, {@code major.minor}. */
  boolean isAtLeast(String least) {
    String[] there = version.split("\\.", -1);
    String[] wanted = least.split("\\.", -1);
    for (int i = 0; i < wanted.length; i++) {
      long difference =
          Replies.number(i < there.length ? there[i] : "0") - Replies.number(wanted[i]);
      if (difference != 0) {
        return difference > 0;
      }
    }
    return true;
  }

  /** Returns the value of a line of INFO. */
  static Optional<String> value(String info, String name) {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  @Override
  public String toString() {
    return kind + " " + version;
  }
}
