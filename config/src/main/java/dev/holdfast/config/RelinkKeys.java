package dev.holdfast.config;

import java.time.Duration;

/** What happens to open clients when an upstream goes away. */
public final class RelinkKeys {
  static final Section KEYS = new Section("Upstreams that go away");

  public static final Key<Integer> RATE =
      KEYS.key("relink.rate", Kinds.count(1, 100_000), "50")
          .because(
              "Links that are opened again per second at one upstream; each makes every open page load its chat again.");

  public static final Key<Duration> FAILOVER_AFTER =
      KEYS.key("relink.failover-after", Kinds.duration("0s", "1h"), "1s")
          .because("How long a session waits for its own upstream before it takes another.");

  public static final Key<Duration> GIVE_UP =
      KEYS.key("relink.give-up", Kinds.duration("1s", "1d"), "10m")
          .because("How long a client stays connected while there is no upstream.");

  public static final Key<Long> WAITING =
      KEYS.key("relink.waiting", Kinds.size("1KiB", "1GiB"), "1MiB")
          .because("What a client may send meanwhile; beyond it its connection is closed.");

  public static final Key<Duration> OVERLAP =
      KEYS.key("switchover.overlap", Kinds.duration("500ms", "2m"), "20s")
          .because(
              "How long a session that moves to another upstream has two links at most; after that the best guess is taken where the new one goes on.");

  public static final Key<Integer> SWITCHOVERS =
      KEYS.key("switchover.rate", Kinds.count(1, 100_000), "5")
          .because(
              "Sessions a second that begin to move to an upstream with fences; each takes some 60 ms of CPU of both upstreams, if events come all the time.");

  public static final Key<Boolean> FENCES =
      KEYS.key("switchover.fences", Kinds.flag(), "true")
          .because(
              "Whether Open WebUI is asked meanwhile what the old link has delivered already, through a document that only Holdfast knows; without it that is guessed.");

  public static final Key<Duration> LAG =
      KEYS.key("switchover.lag", Kinds.duration("50ms", "10s"), "1s")
          .because(
              "How much later than over one link an event may come over the other, if nothing tells; also the time that a page has to join its rooms.");

  private RelinkKeys() {}
}
