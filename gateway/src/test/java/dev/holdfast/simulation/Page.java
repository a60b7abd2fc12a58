package dev.holdfast.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What one browser tab has to get, and what must come of what it sends. */
final class Page {
  /** Says whether a node has taken something that was sent. */
  interface Taken {
    boolean isTaken();
  }

  /** Says what has happened to the processes that a page depends on. */
  interface Circumstances {
    /** How many nodes have ended with sessions of theirs so far. */
    int nodesLost();

    /** Whether a session may be gone that began when so many had. */
    boolean mayBeFresh(int lostBefore);

    /** Whether what a client sends now may go to a connection that another node has given up. */
    boolean mayBeLost();

    /** Whether links tell what their upstreams have read. */
    boolean areMovesFenced();

    /** Whether what clients have sent may have waited for an upstream lately. */
    boolean isUpstreamSlow();

    /** Bytes that a session may hold for its upstream; negative if that is not bounded now. */
    long mostHeld(Page page);
  }

  private static final long NEVER = Long.MAX_VALUE;

  /** A first reply is confirmed a second later, and a round trip. */
  private static final long UNCONFIRMED = 2_500_000_000L;

  /** So long a session waits at least for a client that has not confirmed it. */
  private static final long UNCONFIRMED_KEPT = 14_000_000_000L;

  private static final class Transmission {
    private final int size;
    private final int epoch;
    private final Taken taken;
    private boolean written;
    private boolean excused;

    private Transmission(int size, int epoch, Taken taken) {
      this.size = size;
      this.epoch = epoch;
      this.taken = taken;
    }
  }

  /**
   * A link that has broken.
   *
   * @param isNoticed whether its node knows
   */
  private record BrokenLink(String sid, BooleanSupplier isNoticed) {}

  private static final Duration HEARD_OF = Duration.ofSeconds(2);

  private final World world;
  private final String token;
  private final SimulatedExchange.Agent agent;
  private final Circumstances circumstances;
  private final List<Emission> emissions = new ArrayList<>();
  private final List<Transmission> transmissions = new ArrayList<>();
  private final Set<String> sids = new LinkedHashSet<>();
  private final Set<Integer> sinceOffset = new LinkedHashSet<>();
  private final Set<Integer> repeatable = new HashSet<>();
  private int sidsGiven;
  private int last;
  private int epoch;
  private int lastWritten;
  private int lastReceived;
  private @Nullable UpstreamLink lastReceivedOver;
  private @Nullable SimulatedNode writer;
  private int firstUnwritten;

  /** Bytes that its session held when no bound was known, less what has been written since. */
  private long backlog;

  private int nodesLost;
  private int lostBeforeConnect;
  private long freshSince;
  private final List<BrokenLink> brokenLinks = new ArrayList<>();

  /** From when on its session may be gone though no node was lost. */
  private long goneFrom = NEVER;

  private boolean failed;
  private boolean lostSession;

  /** Whether its present session has gone on after it was cut off. */
  private boolean resumed;

  /** Whether it may have lost already, before it hears of it, the session that it asks for now. */
  private boolean doubtful;

  /** Nothing was sent before it is there. */
  Page(World world, String token, SimulatedExchange.Agent agent, Circumstances circumstances) {
    this.circumstances = circumstances;
    this.world = world;
    this.token = token;
    this.agent = agent;
  }

  String token() {
    return token;
  }

  String nextSid() {
    return token + "." + sidsGiven++;
  }

  /** An upstream sends it an event. */
  Emission emission(List<byte[]> frames) {
    Emission emission = new Emission(emissions.size() + 1, world.now(), frames);
    emissions.add(emission);
    return emission;
  }

  int nextNumber() {
    return emissions.size() + 1;
  }

  /** Whether its session has this Socket.IO sid, or had it. */
  boolean knows(String sid) {
    return sids.contains(sid);
  }

  private void say(String what) {
    world.trace().say(world.now(), token, what);
  }

  /** It sends its CONNECT. */
  void connects(String request) {
    say("connects" + request);
    doubtful = false;
    lostBeforeConnect = circumstances.nodesLost();
  }

  /** It has a fresh session, though it has asked for an earlier one, or not. */
  void fresh(String sid, boolean asked) {
    say("fresh session " + sid);
    Violation.unless(
        !asked || world.now() >= goneFrom || circumstances.mayBeFresh(nodesLost),
        "a client got a fresh session though no node was lost with sessions");
    lostSession |= asked;
    goneFrom = doubtful ? world.now() : NEVER;
    freshSince = world.now();
    nodesLost = lostBeforeConnect;
    sids.clear();
    sids.add(sid);
    resumed = false;
    sinceOffset.clear();
    repeatable.clear();
    epoch++;
  }

  /**
   * Its connection leads nowhere: a session that it has not confirmed yet waits for it less long.
   */
  void vanished() {
    doubtful = true;
    if (isUnconfirmed()) {
      mayBeGone(world.now());
    }
  }

  /** A node that stands still asks for the confirmation later. */
  private boolean isUnconfirmed() {
    return world.now() - freshSince < UNCONFIRMED || circumstances.mayBeLost();
  }

  /** Something was thrown where its session is, which may end. */
  void mayEnd() {
    failed = true;
    doubtful = true;
    mayBeGone(world.now());
    excuseTransmissions();
    // Until its node hears of the end, it accepts what the client sends.
    long heardOf = world.now() + HEARD_OF.toNanos();
    brokenLinks.add(new BrokenLink("", () -> world.now() > heardOf));
  }

  /** Whether that was so at any time. */
  boolean hasFailed() {
    return failed;
  }

  /** Whether it has asked for a session, and got a fresh one. */
  boolean hasLostSession() {
    return lostSession;
  }

  /** Its connection has broken. */
  void disconnected() {
    if (isUnconfirmed()) {
      mayBeGone(world.now() + UNCONFIRMED_KEPT);
    }
  }

  private void mayBeGone(long from) {
    goneFrom = Math.min(goneFrom, from);
  }

  /**
   * It goes on with its session. What was on its way over another node, while the upstream was
   * slow, ends with the earlier connection.
   */
  void recovered(String sid) {
    say("recovered " + sid);
    if (circumstances.isUpstreamSlow()) {
      excuseTransmissions();
    }
    resumed = true;
    sids.add(sid);
    if (!isProgram()) {
      repeatable.clear();
    }
    repeatable.addAll(sinceOffset);
  }

  /** Its session has another link. */
  void relinked(String sid) {
    say("relinked " + sid);
    // It may have gone back to the one that has broken.
    brokenLinks.removeIf(link -> !link.sid().equals(sid));
    sids.add(sid);
  }

  /** It has handled an event. */
  void handled(int number) {
    say("handles " + number);
    if (number <= last) {
      if (!repeatable.remove(number)) {
        throw Violation.ofStream("an event was repeated", world.now());
      }
      sinceOffset.add(number);
      return;
    }
    for (int missing = last + 1; missing < number; missing++) {
      Emission emission = emissions.get(missing - 1);
      if (emission.isOwedTo(this)) {
        throw Violation.ofStream("an event was lost or reordered", emission.at());
      }
    }
    last = number;
    sinceOffset.add(number);
    if (isProgram()) {
      // What comes again at its first return comes before.
      repeatable.clear();
    }
  }

  /** The offset that it would name now is that of the last event. */
  void offsetTaken() {
    Violation.unless(
        !isProgram() || resumed, "a program was told where it is before it has come back");
    sinceOffset.clear();
  }

  /** Whether it names neither a browser nor an origin. */
  boolean isProgram() {
    return agent == SimulatedExchange.Agent.PROGRAM;
  }

  /** It sends a numbered packet. */
  int transmission(int size, Taken taken) {
    assertBounded();
    say("sends up " + transmissions.size());
    transmissions.add(new Transmission(size, epoch, taken));
    boolean broken = !brokenLinks.stream().allMatch(link -> link.isNoticed().getAsBoolean());
    if (circumstances.mayBeLost() || broken) {
      transmissions.get(transmissions.size() - 1).excused = true;
    }
    return transmissions.size() - 1;
  }

  int nextTransmission() {
    return transmissions.size();
  }

  /** What waits for the upstream is bounded, or a client can fill the memory of a node. */
  void assertBounded() {
    while (firstUnwritten < transmissions.size()
        && (transmissions.get(firstUnwritten).written
            || transmissions.get(firstUnwritten).epoch != epoch)) {
      firstUnwritten++;
    }
    long held = 0;
    for (int i = firstUnwritten; i < transmissions.size(); i++) {
      Transmission sent = transmissions.get(i);
      boolean holds = !sent.written && !sent.excused && sent.epoch == epoch;
      held += holds && sent.taken.isTaken() ? sent.size : 0;
    }
    long most = circumstances.mostHeld(this);
    // What was taken while there was no link goes to an upstream that stands still again.
    backlog = most < 0 ? held : Math.min(backlog, held);
    if (held > Math.max(most, backlog)) {
      throw new Violation(
          "a session holds too much for its upstream: %s %d of %d from %d"
              .formatted(token, held, most, firstUnwritten));
    }
  }

  /** A node has written this packet of it to a link. */
  void transmitted(int number, String sid, SimulatedNode node) {
    Transmission sent = transmissions.get(number);
    say("up " + number + " to " + sid);
    Violation.unless(!sent.written, "a client's packet went up twice");
    sent.written = true;
    // A node that took the session over does not wait for what the former one has still to write.
    if (sent.epoch == epoch && node.equals(writer)) {
      Violation.unless(
          lastWritten <= number || transmissions.get(lastWritten).epoch != epoch,
          "client's packets went up in another order");
    }
    lastWritten = number;
    writer = node;
  }

  /**
   * An upstream has read this packet of it. Packets of a link that broke may come behind those of a
   * later one; one that has not overlaps with the next until it has been read.
   */
  void received(int number, UpstreamLink link) {
    UpstreamLink before = lastReceivedOver;
    boolean both = before != null && !before.isLost() && !link.isLost();
    // A node that stood still may pass on what others have given up.
    boolean known = both && circumstances.areMovesFenced() && !transmissions.get(number).excused;
    if (known && transmissions.get(lastReceived).epoch == transmissions.get(number).epoch) {
      Violation.unless(
          lastReceived <= number, "an upstream got a client's packets in another order");
    }
    lastReceived = number;
    lastReceivedOver = link;
  }

  /** A node may just have passed on what it had read, over a connection that leads nowhere. */
  void excuseTransmissions() {
    transmissions.forEach(each -> each.excused = true);
  }

  /**
   * Its link breaks: so much may have been given to it and not be written yet. What is given to it
   * before its node has noticed that is lost, too; a node that does not read it notices it late.
   */
  void linkBreaks(String sid, long most, BooleanSupplier isNoticed) {
    brokenLinks.add(new BrokenLink(sid, isNoticed));
    long left = most;
    for (Transmission sent : transmissions) {
      if (!sent.written && !sent.excused && sent.epoch == epoch && left > 0) {
        sent.excused = true;
        // What no node has read was lost with an earlier connection.
        left -= sent.taken.isTaken() ? sent.size : 0;
      }
    }
  }

  /** Everything is well again, and quiet: nothing may be missing. */
  void assertComplete() {
    for (int number = last + 1; number <= emissions.size(); number++) {
      Emission emission = emissions.get(number - 1);
      if (emission.isOwedTo(this)) {
        throw Violation.ofStream("the last events were never delivered", emission.at());
      }
    }
    for (Transmission sent : transmissions) {
      boolean owed = sent.epoch == epoch && !sent.excused && sent.taken.isTaken();
      if (!sent.written && owed) {
        throw new Violation("a client's packet never went up: " + transmissions.indexOf(sent));
      }
    }
  }

  /** The number of the last event that it has handled. */
  int last() {
    return last;
  }

  @Override
  public String toString() {
    return token;
  }
}
