package dev.holdfast.session;

import java.util.Optional;

/**
 * Decides which events are merged when a client is away and much waits for it. Sees events without
 * attachments and acknowledgement id in the namespace "/", in order, each as its JSON array without
 * an offset. All other packets end every run.
 */
public interface Compactor {
  /** Begins a run with an event; empty if later ones are never merged with it. */
  Optional<Run> begin(byte[] event);

  /** Events that one event stands for, in the place of the last. */
  interface Run {
    /** Adds the next event to the run if it belongs there. Then no other run sees it. */
    Step next(byte[] event);

    /** Returns the event that stands for all of the run. */
    byte[] merged();
  }

  /** What an event does to a run. */
  enum Step {
    /** It belongs to the run. */
    MERGED,
    /** The client may receive it before earlier events of the run. */
    PASSED,
    /** No later event is added to the run. */
    ENDED
  }
}
