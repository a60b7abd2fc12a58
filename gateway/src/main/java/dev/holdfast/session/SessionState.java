package dev.holdfast.session;

import java.util.List;

/**
 * What a session may do next. Each state answers every event, so javac finds a missing cell of the
 * table.
 *
 * <pre>
 *   {@link Opening} ──connect──▶ {@link Linking} ──linked──▶ {@link Live}
 *      │                    │                  │
 *      └────────────────────┴────── close ─────┴─────▶ {@link Closed}
 * </pre>
 */
public sealed interface SessionState {
  /** The client's CONNECT came, for whichever namespace. */
  Step connect();

  /** The upstream answered a CONNECT. */
  Step linked();

  /** Either side ended, or we end the session. */
  Step close(CloseReason reason);

  /** What a step wants done. */
  enum Effect {
    /** Open the link. */
    DIAL,
    /** The client is known at its upstream. */
    ANNOUNCE,
    /** End the transport. */
    CLOSE_TRANSPORT,
    /** End the link. */
    CLOSE_LINK,
    /** Free everything and tell that the session is over. */
    END
  }

  /** The state after an event, and what to do about it, in order. */
  record Step(SessionState next, List<Effect> effects) {
    static Step to(SessionState next, Effect... effects) {
      return new Step(next, List.of(effects));
    }
  }

  /** The transport is open; no CONNECT has come yet. */
  record Opening() implements SessionState {
    @Override
    public Step connect() {
      return Step.to(new Linking(), Effect.DIAL);
    }

    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step close(CloseReason reason) {
      return Step.to(new Closed(reason), Effect.CLOSE_TRANSPORT, Effect.END);
    }
  }

  /** The link is being opened; what the client sends waits for it. */
  record Linking() implements SessionState {
    @Override
    public Step connect() {
      return Step.to(this);
    }

    @Override
    public Step linked() {
      return Step.to(new Live(), Effect.ANNOUNCE);
    }

    @Override
    public Step close(CloseReason reason) {
      return Step.to(new Closed(reason), Effect.CLOSE_TRANSPORT, Effect.CLOSE_LINK, Effect.END);
    }
  }

  /** Packets pass. */
  record Live() implements SessionState {
    @Override
    public Step connect() {
      return Step.to(this);
    }

    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step close(CloseReason reason) {
      return Step.to(new Closed(reason), Effect.CLOSE_TRANSPORT, Effect.CLOSE_LINK, Effect.END);
    }
  }

  /** Over; nothing changes any more. */
  record Closed(CloseReason reason) implements SessionState {
    @Override
    public Step connect() {
      return Step.to(this);
    }

    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step close(CloseReason reason) {
      return Step.to(this);
    }
  }
}
