package dev.holdfast.config;

import java.time.Duration;
import java.util.List;

/** What happens to open clients when an upstream goes away. */
final class RelinkKeys {
  static final Key<Integer> RATE =
      new Key<>(
          "relink.rate",
          Kinds.count(1, 100_000),
          "50",
          "Links that are opened again per second at one upstream; each makes every open page load its chat again.");

  static final Key<Duration> FAILOVER_AFTER =
      new Key<>(
          "relink.failover-after",
          Kinds.duration("0s", "1h"),
          "1s",
          "How long a session waits for its own upstream before it takes another.");

  static final Key<Duration> GIVE_UP =
      new Key<>(
          "relink.give-up",
          Kinds.duration("1s", "1d"),
          "10m",
          "How long a client stays connected while there is no upstream.");

  static final Key<Long> WAITING =
      new Key<>(
          "relink.waiting",
          Kinds.size("1KiB", "1GiB"),
          "1MiB",
          "What a client may send meanwhile; beyond it its connection is closed.");

  static final Key<Duration> OVERLAP =
      new Key<>(
          "switchover.overlap",
          Kinds.duration("500ms", "2m"),
          "20s",
          "How long a session that moves to another upstream has two links at most;"
              + " after that the best guess is taken where the new one goes on.");

  static final Key<Integer> SWITCHOVERS =
      new Key<>(
          "switchover.rate",
          Kinds.count(1, 100_000),
          "5",
          "Sessions a second that begin to move to an upstream with fences; each takes some 60 ms of CPU"
              + " of both upstreams, if events come all the time.");

  static final Key<Boolean> FENCES =
      new Key<>(
          "switchover.fences",
          Kinds.flag(),
          "true",
          "Whether Open WebUI is asked meanwhile what the old link has delivered already,"
              + " through a document that only Holdfast knows; without it that is guessed.");

  static final Key<Duration> LAG =
      new Key<>(
          "switchover.lag",
          Kinds.duration("50ms", "10s"),
          "1s",
          "How much later than over one link an event may come over the other, if nothing tells;"
              + " also the time that a page has to join its rooms.");

  private RelinkKeys() {}

  static List<Key<?>> all() {
    return List.of(RATE, FAILOVER_AFTER, GIVE_UP, WAITING, OVERLAP, SWITCHOVERS, FENCES, LAG);
  }
}
