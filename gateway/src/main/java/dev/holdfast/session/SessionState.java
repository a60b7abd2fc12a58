package dev.holdfast.session;

import java.util.List;

/**
 * What a session may do next. Each state answers every event, so javac finds a missing cell of the
 * table.
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
   * The link has ended by itself.
   *
   * @param again whether another one may take its place
   */
  Step linkLost(CloseReason reason, boolean again);

  /**
   * The transport has ended by itself.
   *
   * @param resumable whether the client may come back
   */
  Step transportLost(CloseReason reason, boolean resumable);

  /** The client came back with another transport; an older one has been closed. */
  Step attached();

  /** The session is to go to another upstream, while its link lives. */
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

  /** It is known from where the next link goes on. */
  default Step switched() {
    return Step.to(this);
  }

  /** Another node goes on with the session. */
  default Step handedOff() {
    return Step.to(new Closed(CloseReason.HANDED_OFF), Effect.END);
  }

  /** We end the session. */
  default Step close(CloseReason reason) {
    return Step.to(new Closed(reason), Effect.CLOSE_TRANSPORT, Effect.CLOSE_LINK, Effect.END);
  }

  /** What a step wants done. */
  enum Effect {
    /** The client is known at its upstream for the first time. */
    ANNOUNCE,
    /** Keep what comes for a client that is away. */
    PARK,
    /** The client is back. */
    UNPARK,
    /** Open a link in place of the lost one, in its turn. */
    REDIAL,
    /** A later link has taken over. */
    RELINKED,
    /** Remember what the link brings, and open another beside it, in its turn. */
    OPEN_NEXT,
    /** Tell the client of the next link, and find out where that goes on. */
    OVERLAP,
    /** Go on with the next link, and end the present one. */
    SWITCH,
    /** Give up the next link, of which the client has not been told. */
    DROP_NEXT,
    /** Give up the next link, and tell the client that it is where it was. */
    STAY,
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

  /** The first link is being opened; what the client sends waits for it. */
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

  /** Packets pass. */
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

  /** The client is away, its link is kept. */
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

  /** Whether a session that moves has its client. */
  enum Client {
    HERE,
    AWAY;

    private SessionState settled() {
      return this == HERE ? new Live() : new Parked();
    }
  }

  /** A link to another upstream is being opened; nobody notices. */
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

  /** Two links: the old one is delivered, the next one is collected. */
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

  /** The client is here, its upstream is away. */
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

  /** Both are away; a link is opened when the client comes back. */
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

  /** Over; nothing changes any more. */
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
