package dev.holdfast.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The value of every {@link Key}, checked and complete; read once, not per event. Immutable. */
public final class Settings {
  private final Map<String, Object> values;
  private final Capacity capacity;
  private final Redis redis;

  /**
   * Where Redis or Valkey is, through which nodes work together.
   *
   * @param url empty means that this node is alone; holds no user or password
   * @param sentinels host and port of each; with them the URL's host is the master's name
   */
  public record Redis(Optional<RedisUrl> url, List<HostPort> sentinels) {}

  /** All values by the names of their keys, each of its key's type. */
  Settings(Map<String, Object> values, Capacity capacity) {
    this(values, capacity, new Redis(Optional.empty(), List.of()));
  }

  private Settings(Map<String, Object> values, Capacity capacity, Redis redis) {
    this.values = values;
    this.capacity = capacity;
    this.redis = redis;
  }

  /** All settings that there are, in the order in which they are documented. */
  public static List<Key<?>> keys() {
    return Keys.all();
  }

  /** The settings of an operator who sets nothing; budgets are those of a process of 1 GiB. */
  public static Settings defaults() {
    return of(Map.of());
  }

  /**
   * The defaults, but for the given keys. What this process has is not asked: budgets are those of
   * a heap of 1 GiB, and as much direct memory.
   *
   * @param texts key to text as in the file: {@code "drain.timeout"} to {@code "1s"}
   * @throws ConfigException if a key is unknown or a text wrong
   */
  public static Settings of(Map<String, String> texts) {
    Reading reading = new Reading();
    texts.forEach((key, text) -> reading.take(key, text, "given"));
    return Assembly.settings(reading, Optional.empty());
  }

  /** The value of a setting. */
  @SuppressWarnings("unchecked") // A value is only ever put in by its key.
  public <T> T get(Key<T> key) {
    return (T) Objects.requireNonNull(values.get(key.name()));
  }

  /** The same but for one value, which is taken as it is. */
  public <T> Settings with(Key<T> key, T value) {
    Map<String, Object> changed = new HashMap<>(values);
    changed.put(key.name(), value);
    return new Settings(changed, capacity, redis);
  }

  Settings with(Redis servers) {
    return new Settings(values, capacity, servers);
  }

  /** What the process spends of its memory and descriptors. */
  public Budgets budgets() {
    return Budgets.of(capacity, this);
  }

  /** Where Redis is: {@code redis.url} and {@code redis.sentinel-*} together. */
  public Redis redis() {
    return redis;
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "Settings[listen=" + get(EdgeKeys.LISTEN) + ", redis=" + redis + "]";
  }
}
