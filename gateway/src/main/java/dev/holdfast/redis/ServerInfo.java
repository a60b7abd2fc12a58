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

  private static Optional<String> value(String info, String name) {
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
