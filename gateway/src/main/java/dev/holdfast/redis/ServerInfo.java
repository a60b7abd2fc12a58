package dev.holdfast.redis;

import java.util.Optional;

/** Which server it is, by the section {@code server} of INFO. Immutable. */
record ServerInfo(String kind, String version) {
  /** Without an answer, as ACLs may forbid the question, the server is not known. */
  static ServerInfo of(Optional<String> info) {
    String text = info.orElse("");
    Optional<String> valkey = value(text, "valkey_version");
    return valkey
        .map(version -> new ServerInfo("valkey", version))
        .orElseGet(() -> new ServerInfo("redis", value(text, "redis_version").orElse("unknown")));
  }

  /** Whether it is of this version, {@code major.minor}, or newer. */
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

  /** What a line of INFO says. */
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
