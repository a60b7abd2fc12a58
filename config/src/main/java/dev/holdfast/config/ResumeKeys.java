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
              "How a client learns the offsets of its events. `argument`: as the last argument of each event; `marker`: "
                  + "in separate marker events; `auto`: the former for browsers and the latter for other clients, for programs "
                  + "only after they have resumed once; `off`: every byte passes unchanged.");

  public static final Key<Duration> WINDOW =
      KEYS.key("resume.window", Kinds.duration("1s", "1d"), "5m")
          .because("How long a session waits for a client that lost its connection.");

  public static final Key<Duration> WINDOW_AFTER_LEAVING =
      KEYS.key("resume.window-after-leaving", Kinds.duration("0s", "1d"), "15s")
          .because("The same after a browser has left its page (close code 1001).");

  public static final Key<Calls> CALLS =
      KEYS.key("resume.calls", Kinds.constant(Calls.class), "unanswered")
          .because(
              "Which calls of Open WebUI (events with an acknowledgement) are repeated on resume: `unanswered` ones, "
                  + "each shown at least once, or only those whose delivery is `unconfirmed`.");

  public static final Key<Long> OUTBOX =
      KEYS.key("resume.outbox", Kinds.size("16KiB", "1GiB"), "8MiB")
          .because(
              "Bytes that a session retains for its client; beyond that the client starts afresh.");

  public static final Key<Integer> OUTBOX_EVENTS =
      KEYS.key("resume.outbox-events", Kinds.count(16, 10_000_000), "100000")
          .because("The same as a number of events.");

  public static final Key<Optional<Long>> MEMORY =
      KEYS.key("resume.memory", Kinds.size("1MiB", "1TiB").or("auto"), "auto")
          .because(
              "Direct memory for that, of the whole process; `auto` is half of the direct memory. When it runs short, "
                  + "the largest session without a client ends first.");

  public static final Key<Long> ACK_AFTER =
      KEYS.key("resume.ack-after", Kinds.size("1KiB", "1GiB"), "256KiB")
          .because("Bytes after which a client is pinged early, to confirm what has arrived.");

  public static final Key<Long> KEPT =
      KEYS.key("resume.kept", Kinds.size("0B", "1GiB"), "64KiB")
          .because(
              "Bytes of confirmed events that are kept a while longer, for a page that received them and then failed.");

  public static final Key<Duration> KEPT_TIME =
      KEYS.key("resume.kept-time", Kinds.duration("0s", "10m"), "5s")
          .because("How long those are kept.");

  public static final Key<Integer> PARKED_PER_USER =
      KEYS.key("resume.parked-per-user", Kinds.count(1, 10_000), "32")
          .because(
              "Maximum number of parked sessions of a user; the oldest one ends first. Requires `auth.secret-key`: "
                  + "otherwise anyone could end another user's sessions.");

  public static final Key<Long> EARLY_ANSWERS =
      KEYS.key("resume.early-answers", Kinds.size("1KiB", "16MiB"), "64KiB")
          .because("Bytes of acknowledgements that a client may send before it has resumed.");

  public static final Key<Integer> NON_RESUMING_CLIENTS =
      KEYS.key("resume.non-resuming-clients", Kinds.count(0, 1_000_000), "10000")
          .because(
              "Number of programs tracked (0.2 KB each) because they reconnected without resuming. After three such "
                  + "connections, a program's sessions are no longer parked.");

  public static final Key<Duration> NON_RESUMING_TIME =
      KEYS.key("resume.non-resuming-time", Kinds.duration("1s", "365d"), "1d")
          .because("How long such a program is remembered after its last connection.");

  private ResumeKeys() {}
}
