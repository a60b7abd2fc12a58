package dev.holdfast.config;

import java.time.Duration;

/** What happens to open clients when an upstream goes away. */
public final class RelinkKeys {
  static final Section KEYS = new Section("Upstreams that go away");

  public static final Key<Integer> RATE =
      KEYS.key("relink.rate", Kinds.count(1, 100_000), "50")
          .because(
              "Links that are reopened per second at one upstream; each makes every open page reload its chat.");

  public static final Key<Duration> FAILOVER_AFTER =
      KEYS.key("relink.failover-after", Kinds.duration("0s", "1h"), "1s")
          .because("How long a session waits for its own upstream before it takes another one.");

  public static final Key<Duration> GIVE_UP =
      KEYS.key("relink.give-up", Kinds.duration("1s", "1d"), "10m")
          .because("How long a client stays connected while no upstream is available.");

  public static final Key<Long> WAITING =
      KEYS.key("relink.waiting", Kinds.size("1KiB", "1GiB"), "1MiB")
          .because("Bytes that a client may send meanwhile; beyond that its connection is closed.");

  public static final Key<Duration> OVERLAP =
      KEYS.key("switchover.overlap", Kinds.duration("500ms", "2m"), "20s")
          .because(
              "How long a session has two links at most while it switches over to another upstream. After that the position on the new link is guessed.");

  public static final Key<Integer> SWITCHOVERS =
      KEYS.key("switchover.rate", Kinds.count(1, 100_000), "5")
          .because(
              "Sessions per second that start to switch over to an upstream with fences. Each takes some 60 ms of CPU on "
                  + "both upstreams if events arrive all the time.");

  public static final Key<Boolean> FENCES =
      KEYS.key("switchover.fences", Kinds.flag(), "true")
          .because(
              "Whether Holdfast finds out during a switchover what the old link has already delivered, by means of a "
                  + "private document in Open WebUI; without fences that is guessed.");

  public static final Key<Duration> LAG =
      KEYS.key("switchover.lag", Kinds.duration("50ms", "10s"), "1s")
          .because(
              "Without fences, how much later an event may arrive over one link than over the other; also the time that a page has to join its rooms.");

  private RelinkKeys() {}
}
