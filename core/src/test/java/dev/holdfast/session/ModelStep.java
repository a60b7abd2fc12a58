package dev.holdfast.session;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something that happens in a conversation. What it means depends on where the conversation is, so
 * that a list of steps stays one when some are dropped.
 *
 * @param seed of its details
 */
record ModelStep(Kind kind, long seed) {
  /** What can happen, and how often it does. */
  enum Kind {
    /** The upstream sends some packets. */
    EMIT(24),
    /** The client handles some of what has come. */
    HANDLE(22),
    /** Some of what the client has sent comes. */
    ARRIVE(14),
    /** The client sends events. */
    CLIENT_EMIT(5),
    /** The client answers a call, some time after it was asked. */
    ANSWER(5),
    /** The connection breaks at any byte; the session may hear of it later. */
    CUT(7),
    /** The session hears of it. */
    HEAR_OF_CUT(3),
    /** The client comes back. */
    RETURN(10),
    /** Somebody comes with another pid or token. */
    STRANGER(1),
    /** What an old connection brought comes late. */
    LATE(1),
    /** The transport takes nothing, or something again. */
    TRANSPORT_SLOW(2),
    /** The transport sends its ping. */
    PING(4),
    /** The upstream answers the CONNECT of its link. */
    REPLY(7),
    /** A link breaks. */
    LINK_LOST(2),
    /** The session is moved to another upstream. */
    MOVE(4),
    /** What two upstreams have sent comes. */
    DELIVER(10),
    /** The link takes nothing, or something again. */
    LINK_SLOW(2),
    /** Time passes. */
    PASS(6);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  private static final List<Kind> DECK = new ArrayList<>();

  static {
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < kind.weight; i++) {
        DECK.add(kind);
      }
    }
  }

  /** As many steps as that. */
  static List<ModelStep> random(SplittableRandom random, int count) {
    List<ModelStep> steps = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      steps.add(new ModelStep(DECK.get(random.nextInt(DECK.size())), random.nextLong()));
    }
    return steps;
  }
}
