package dev.holdfast.session;

import java.util.List;

/**
 * The states of a session and their transitions. Each state has to implement the abstract events,
 * so the compiler finds a missing transition.
 *
 * <pre>
 *                            ┌──── transport lost ────▶ {@link Parked}
 *   {@link Linking} ── linked ──▶ {@link Live} ◀───── attached ─────────┘ │
 *                            │ ▲                            │ link lost
 *                  link lost │ │ linked                     ▼
 *                            ▼ │    ◀────── attached ──── {@link Adrift}
 *                        {@link Relinking} ── transport lost ──▶
 *
 *   {@link Live}, {@link Parked} ── move ──▶ {@link Moving} ── next linked ──▶ {@link Overlapping} ── switched, or
 *     either link lost ──▶ {@link Live}, {@link Parked}
 *
 *   from everywhere: close ──▶ {@link Closed}
 * </pre>
 */
public sealed interface SessionState {
  /** The upstream answered the CONNECT of the present link. */
  Step linked();

  /**
   * The link ended by itself.
   *
   * @param again whether another link may replace it
   */
  Step linkLost(CloseReason reason, boolean again);

  /**
   * The transport ended by itself.
   *
   * @param resumable whether the client may resume
   */
  Step transportLost(CloseReason reason, boolean resumable);

  /** The client resumed over another transport; an older one was closed. */
  Step attached();

  /** The session is to move to another upstream while its link lives. */
  default Step move() {
    return Step.to(this);
  }

  /** The upstream that the session moves to has answered the CONNECT. */
  default Step nextLinked() {
    return Step.to(this);
  }

  /** The link that the session moves to has ended, or is not wanted any more. */
  default Step nextLost() {
    return Step.to(this);
  }

  /** The position at which the next link continues is decided. */
  default Step switched() {
    return Step.to(this);
  }

  /** Another node continues the session. */
  default Step handedOff() {
    return Step.to(new Closed(CloseReason.HANDED_OFF), Effect.END);
  }

  /** The gateway closes the session. */
  default Step close(CloseReason reason) {
    return Step.to(new Closed(reason), Effect.CLOSE_TRANSPORT, Effect.CLOSE_LINK, Effect.END);
  }

  /** An action that a step requires. */
  enum Effect {
    /** Report that the upstream has accepted the client for the first time. */
    ANNOUNCE,
    /** Keep packets for a client that is away. */
    PARK,
    /** Report that the client is back. */
    UNPARK,
    /** Open a link to replace the lost one, in its turn. */
    REDIAL,
    /** Continue over the link that replaced the lost one. */
    RELINKED,
    /** Record the events of the link, and open another link beside it, in its turn. */
    OPEN_NEXT,
    /**
     * Send the client the CONNECT reply of the next link, and find the position at which that link
     * continues.
     */
    OVERLAP,
    /** Continue with the next link, and close the present one. */
    SWITCH,
    /** Close the next link, which the client does not know of. */
    DROP_NEXT,
    /** Close the next link, and send the client the CONNECT reply of the present one again. */
    STAY,
    /** Close the transport. */
    CLOSE_TRANSPORT,
    /** Close the link. */
    CLOSE_LINK,
    /** Free all resources, and report the end of the session. */
    END
  }

  /** The state after an event, and the effects to perform, in order. */
  record Step(SessionState next, List<Effect> effects) {
    static Step to(SessionState next, Effect... effects) {
      return new Step(next, List.of(effects));
    }
  }

  /** The first link is being opened. The client's packets wait for it. */
  record Linking() implements SessionState {
    @Override
    public Step linked() {
      return Step.to(new Live(), Effect.ANNOUNCE);
    }

    @Override
    public Step linkLost(CloseReason reason, boolean again) {
      return close(reason);
    }

    @Override
    public Step transportLost(CloseReason reason, boolean resumable) {
      return close(reason);
    }

    @Override
    public Step attached() {
      return Step.to(this);
    }
  }

  /** Packets are forwarded. */
  record Live() implements SessionState {
    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step linkLost(CloseReason reason, boolean again) {
      return again ? Step.to(new Relinking(), Effect.REDIAL) : close(reason);
    }

    @Override
    public Step transportLost(CloseReason reason, boolean resumable) {
      return resumable ? Step.to(new Parked(), Effect.PARK) : close(reason);
    }

    @Override
    public Step attached() {
      return Step.to(this);
    }

    @Override
    public Step move() {
      return Step.to(new Moving(Client.HERE), Effect.OPEN_NEXT);
    }
  }

  /** The client is away. Its link stays open. */
  record Parked() implements SessionState {
    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step linkLost(CloseReason reason, boolean again) {
      return again ? Step.to(new Adrift()) : close(reason);
    }

    @Override
    public Step transportLost(CloseReason reason, boolean resumable) {
      return Step.to(this);
    }

    @Override
    public Step attached() {
      return Step.to(new Live(), Effect.UNPARK);
    }

    @Override
    public Step move() {
      return Step.to(new Moving(Client.AWAY), Effect.OPEN_NEXT);
    }
  }

  /** Whether the client of a moving session is present. */
  enum Client {
    HERE,
    AWAY;

    private SessionState settled() {
      return this == HERE ? new Live() : new Parked();
    }
  }

  /** A link to another upstream is being opened. Neither side notices. */
  record Moving(Client client) implements SessionState {
    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step linkLost(CloseReason reason, boolean again) {
      if (!again) {
        return close(reason);
      }
      return client == Client.HERE
          ? Step.to(new Relinking(), Effect.DROP_NEXT, Effect.REDIAL)
          : Step.to(new Adrift(), Effect.DROP_NEXT);
    }

    @Override
    public Step transportLost(CloseReason reason, boolean resumable) {
      return resumable ? Step.to(new Moving(Client.AWAY), Effect.PARK) : close(reason);
    }

    @Override
    public Step attached() {
      return client == Client.HERE
          ? Step.to(this)
          : Step.to(new Moving(Client.HERE), Effect.UNPARK);
    }

    @Override
    public Step nextLinked() {
      return Step.to(new Overlapping(client), Effect.OVERLAP);
    }

    @Override
    public Step nextLost() {
      return Step.to(client.settled(), Effect.DROP_NEXT);
    }
  }

  /**
   * Two links are open: packets of the old one are delivered, those of the next one are collected.
   */
  record Overlapping(Client client) implements SessionState {
    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step linkLost(CloseReason reason, boolean again) {
      return switched();
    }

    @Override
    public Step transportLost(CloseReason reason, boolean resumable) {
      return resumable ? Step.to(new Overlapping(Client.AWAY), Effect.PARK) : close(reason);
    }

    @Override
    public Step attached() {
      return client == Client.HERE
          ? Step.to(this)
          : Step.to(new Overlapping(Client.HERE), Effect.UNPARK);
    }

    @Override
    public Step nextLost() {
      return Step.to(client.settled(), Effect.STAY);
    }

    @Override
    public Step switched() {
      return Step.to(client.settled(), Effect.SWITCH);
    }
  }

  /** The client is present, its upstream is away. */
  record Relinking() implements SessionState {
    @Override
    public Step linked() {
      return Step.to(new Live(), Effect.RELINKED);
    }

    @Override
    public Step linkLost(CloseReason reason, boolean again) {
      return again ? Step.to(this, Effect.REDIAL) : close(reason);
    }

    @Override
    public Step transportLost(CloseReason reason, boolean resumable) {
      return resumable ? Step.to(new Adrift(), Effect.CLOSE_LINK, Effect.PARK) : close(reason);
    }

    @Override
    public Step attached() {
      return Step.to(this);
    }
  }

  /** Both are away. A link is opened when the client resumes. */
  record Adrift() implements SessionState {
    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step linkLost(CloseReason reason, boolean again) {
      return Step.to(this);
    }

    @Override
    public Step transportLost(CloseReason reason, boolean resumable) {
      return Step.to(this);
    }

    @Override
    public Step attached() {
      return Step.to(new Relinking(), Effect.UNPARK, Effect.REDIAL);
    }
  }

  /** The session has ended. No event changes this state. */
  record Closed(CloseReason reason) implements SessionState {
    @Override
    public Step linked() {
      return Step.to(this);
    }

    @Override
    public Step linkLost(CloseReason lost, boolean again) {
      return Step.to(this);
    }

    @Override
    public Step transportLost(CloseReason lost, boolean resumable) {
      return Step.to(this);
    }

    @Override
    public Step attached() {
      return Step.to(this);
    }

    @Override
    public Step close(CloseReason later) {
      return Step.to(this);
    }
  }
}
