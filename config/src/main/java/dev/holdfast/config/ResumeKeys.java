package dev.holdfast.config;

import dev.holdfast.config.Settings.Resume.Calls;
import dev.holdfast.config.Settings.Resume.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is kept for a client that lost its connection. */
final class ResumeKeys {
  static final Key<Mode> MODE =
      new Key<>(
          "resume.mode",
          Kinds.constant(Mode.class),
          "auto",
          "How a client learns where it is: `argument` at the end of each event, `marker` events of their own,"
              + " `auto` the first for browsers and the second for others, for programs only once they have resumed;"
              + " `off` passes every byte unchanged.");

  static final Key<Duration> WINDOW =
      new Key<>(
          "resume.window",
          Kinds.duration("1s", "1d"),
          "5m",
          "How long a session waits for a client that lost its connection.");

  static final Key<Duration> WINDOW_AFTER_LEAVING =
      new Key<>(
          "resume.window-after-leaving",
          Kinds.duration("0s", "1d"),
          "15s",
          "The same after a browser said that its page was left (close code 1001).");

  static final Key<Calls> CALLS =
      new Key<>(
          "resume.calls",
          Kinds.constant(Calls.class),
          "unanswered",
          "Which of Open WebUI's questions are asked again on a resume: `unanswered` ones, shown at least once,"
              + " or only those whose arrival is `unconfirmed`.");

  static final Key<Long> OUTBOX =
      new Key<>(
          "resume.outbox",
          Kinds.size("16KiB", "1GiB"),
          "8MiB",
          "What one session keeps for its client; beyond it the client starts afresh.");

  static final Key<Integer> OUTBOX_EVENTS =
      new Key<>(
          "resume.outbox-events", Kinds.count(16, 10_000_000), "100000", "The same, in events.");

  static final Key<Optional<Long>> MEMORY =
      new Key<>(
          "resume.memory",
          Kinds.size("1MiB", "1TiB").or("auto"),
          "auto",
          "Memory outside the heap for that, of the whole process; `auto` is half of the direct memory. The largest"
              + " session without a client goes first.");

  static final Key<Long> ACK_AFTER =
      new Key<>(
          "resume.ack-after",
          Kinds.size("1KiB", "1GiB"),
          "256KiB",
          "Bytes after which a client is pinged early to confirm what has arrived.");

  static final Key<Long> KEPT =
      new Key<>(
          "resume.kept",
          Kinds.size("0B", "1GiB"),
          "64KiB",
          "Confirmed events that are kept a while longer, for a page that took them in and failed.");

  static final Key<Duration> KEPT_TIME =
      new Key<>("resume.kept-time", Kinds.duration("0s", "10m"), "5s", "How long those are kept.");

  static final Key<Integer> PARKED_PER_USER =
      new Key<>(
          "resume.parked-per-user",
          Kinds.count(1, 10_000),
          "32",
          "Sessions without a client of one user; the oldest goes first. Only with `auth.secret-key`: else anybody"
              + " could end somebody else's.");

  static final Key<Long> EARLY_ANSWERS =
      new Key<>(
          "resume.early-answers",
          Kinds.size("1KiB", "16MiB"),
          "64KiB",
          "Answers to questions that a client may send before it has resumed.");

  static final Key<Integer> NON_RESUMING_CLIENTS =
      new Key<>(
          "resume.non-resuming-clients",
          Kinds.count(0, 1_000_000),
          "10000",
          "Programs that are remembered (0.2 KB each) because they were cut off and came back without resuming. After"
              + " three such connections the sessions of one are not parked any more.");

  static final Key<Duration> NON_RESUMING_TIME =
      new Key<>(
          "resume.non-resuming-time",
          Kinds.duration("1s", "365d"),
          "1d",
          "How long such a program is remembered that does not connect.");

  private ResumeKeys() {}

  static List<Key<?>> all() {
    return List.of(
        MODE,
        WINDOW,
        WINDOW_AFTER_LEAVING,
        CALLS,
        OUTBOX,
        OUTBOX_EVENTS,
        MEMORY,
        ACK_AFTER,
        KEPT,
        KEPT_TIME,
        PARKED_PER_USER,
        EARLY_ANSWERS,
        NON_RESUMING_CLIENTS,
        NON_RESUMING_TIME);
  }
}
