package dev.holdfast.config;

import java.time.Duration;
import java.util.Optional;

/** What is kept for a client that lost its connection. */
public final class ResumeKeys {
  static final Section KEYS = new Section("Clients that lose their connection");

  /** How a client learns the offsets of its events; {@code AUTO} decides by the client. */
  public enum Mode {
    AUTO,
    ARGUMENT,
    MARKER,
    OFF
  }

  /** Which calls are asked again on a resume. */
  public enum Calls {
    UNANSWERED,
    UNCONFIRMED
  }

  public static final Key<Mode> MODE =
      KEYS.key("resume.mode", Kinds.constant(Mode.class), "auto")
          .because(
              "How a client learns where it is: `argument` at the end of each event, `marker` events of their own,"
                  + " `auto` the first for browsers and the second for others, for programs only once they have resumed;"
                  + " `off` passes every byte unchanged.");

  public static final Key<Duration> WINDOW =
      KEYS.key("resume.window", Kinds.duration("1s", "1d"), "5m")
          .because("How long a session waits for a client that lost its connection.");

  public static final Key<Duration> WINDOW_AFTER_LEAVING =
      KEYS.key("resume.window-after-leaving", Kinds.duration("0s", "1d"), "15s")
          .because("The same after a browser said that its page was left (close code 1001).");

  public static final Key<Calls> CALLS =
      KEYS.key("resume.calls", Kinds.constant(Calls.class), "unanswered")
          .because(
              "Which of Open WebUI's questions are asked again on a resume: `unanswered` ones, shown at least once, or only those whose arrival is `unconfirmed`.");

  public static final Key<Long> OUTBOX =
      KEYS.key("resume.outbox", Kinds.size("16KiB", "1GiB"), "8MiB")
          .because("What one session keeps for its client; beyond it the client starts afresh.");

  public static final Key<Integer> OUTBOX_EVENTS =
      KEYS.key("resume.outbox-events", Kinds.count(16, 10_000_000), "100000")
          .because("The same, in events.");

  public static final Key<Optional<Long>> MEMORY =
      KEYS.key("resume.memory", Kinds.size("1MiB", "1TiB").or("auto"), "auto")
          .because(
              "Memory outside the heap for that, of the whole process; `auto` is half of the direct memory. The largest session without a client goes first.");

  public static final Key<Long> ACK_AFTER =
      KEYS.key("resume.ack-after", Kinds.size("1KiB", "1GiB"), "256KiB")
          .because("Bytes after which a client is pinged early to confirm what has arrived.");

  public static final Key<Long> KEPT =
      KEYS.key("resume.kept", Kinds.size("0B", "1GiB"), "64KiB")
          .because(
              "Confirmed events that are kept a while longer, for a page that took them in and failed.");

  public static final Key<Duration> KEPT_TIME =
      KEYS.key("resume.kept-time", Kinds.duration("0s", "10m"), "5s")
          .because("How long those are kept.");

  public static final Key<Integer> PARKED_PER_USER =
      KEYS.key("resume.parked-per-user", Kinds.count(1, 10_000), "32")
          .because(
              "Sessions without a client of one user; the oldest goes first. Only with `auth.secret-key`: else anybody could end somebody else's.");

  public static final Key<Long> EARLY_ANSWERS =
      KEYS.key("resume.early-answers", Kinds.size("1KiB", "16MiB"), "64KiB")
          .because("Answers to questions that a client may send before it has resumed.");

  public static final Key<Integer> NON_RESUMING_CLIENTS =
      KEYS.key("resume.non-resuming-clients", Kinds.count(0, 1_000_000), "10000")
          .because(
              "Programs that are remembered (0.2 KB each) because they were cut off and came back without resuming. After"
                  + " three such connections the sessions of one are not parked any more.");

  public static final Key<Duration> NON_RESUMING_TIME =
      KEYS.key("resume.non-resuming-time", Kinds.duration("1s", "365d"), "1d")
          .because("How long such a program is remembered that does not connect.");

  private ResumeKeys() {}
}
