package dev.holdfast.session;

import dev.holdfast.session.LinkFence.Link;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What both links of a session carry while it moves: the answers of models, token by token, that
 * three replicas emit to their own clients and publish through Redis to the others; and where in
 * that fences are seen. Times are milliseconds; the old link is watched from 0 on.
 */
final class SwitchoverTraffic {
  /** When the next link is opened. */
  static final double OPENED = 1000;

  private static final int REPLICAS = 3;
  static final int MAX_STREAMS = 12;
  private static final int OLD_REPLICA = 0;
  private static final double CLOSE = 1e-6;

  /** A fence: the place and the time at which each link shows it. */
  record Fence(Mark own, Mark other) {}

  /**
   * Where a link shows a fence.
   *
   * @param place how many events of the link stand before it
   */
  record Mark(int place, double at) {}

  /** What a replica reads from Redis. */
  private static final class Reader {
    private final int replica;

    /** By number of the published event. */
    private final double[] read;

    /** By event: when it is queued for the link. */
    private final double[] queued;

    private Reader(int replica, int events) {
      this.replica = replica;
      this.read = new double[events];
      this.queued = new double[events];
    }
  }

  final SwitchoverEvents events;
  final SwitchoverLink old;
  final SwitchoverLink next;

  /** When the next link's upstream has let it in. */
  final double admitted;

  /** When it has said so. */
  final double replied;

  /** When the page has confirmed that. */
  final double confirmed;

  final double until;

  private final SwitchoverScenario scenario;
  private final SplittableRandom random;
  private final SwitchoverReplica[] replicas = new SwitchoverReplica[REPLICAS];
  private final int nextReplica;
  private final double upOld;
  private final double upNext;

  /** For each stream, when the next link joins its room. */
  private final double[] joined = new double[MAX_STREAMS];

  private final int[] channel;
  private final double[] published;
  private final Reader ofOld;
  private final Reader ofNext;
  private double sentOverOld;
  private double sentOverNext;

  /**
   * The traffic of a seed.
   *
   * @param until up to when it is complete, which changes nothing before
   */
  SwitchoverTraffic(SwitchoverScenario scenario, long seed, double until) {
    this.scenario = scenario;
    this.until = until;
    this.random = new SplittableRandom(seed);
    this.nextReplica = scenario.has(SwitchoverScenario.Trait.SAME_REPLICA) ? OLD_REPLICA : 1;
    Arrays.setAll(replicas, each -> SwitchoverReplica.random(random, scenario.stall));
    double downOld = down();
    double downNext = down();
    this.upOld = up();
    this.upNext = up();
    this.admitted = replicas[nextReplica].runs(OPENED + 1 + upNext * 2) + 5;
    this.replied = admitted + downNext;
    this.confirmed = replied + 5 + random.nextDouble() * 300;
    this.events = events();
    this.channel = events.byPublished();
    this.published = Arrays.stream(channel).mapToDouble(each -> events.published[each]).toArray();
    this.ofOld = reader(OLD_REPLICA);
    this.ofNext = reader(nextReplica);
    this.old = link(ofOld, downOld, SwitchoverEvents.OLD);
    this.next = link(ofNext, downNext, SwitchoverEvents.NEXT);
  }

  private double down() {
    return random.nextDouble() * (random.nextInt(4) == 0 ? scenario.delay : 30);
  }

  private double up() {
    return random.nextInt(4) == 0
        ? random.nextDouble() * scenario.delay
        : 0.3 + random.nextDouble();
  }

  private SwitchoverEvents events() {
    SwitchoverEvents made = new SwitchoverEvents(scenario, until, replicas);
    int streams = 1 + random.nextInt(MAX_STREAMS);
    for (int i = 0; i < streams; i++) {
      boolean late =
          !scenario.has(SwitchoverScenario.Trait.ROOMS_AT_ONCE) && random.nextInt(4) == 0;
      joined[i] = late ? joinedLate() : admitted;
      made.stream(i, random.split());
    }
    return made;
  }

  private double joinedLate() {
    double asked = confirmed + random.nextDouble() * 900 + upNext;
    return replicas[nextReplica].runs(asked) + random.nextDouble() * 100;
  }

  private Reader reader(int replica) {
    SplittableRandom late = random.split();
    Reader reader = new Reader(replica, channel.length);
    double last = 0;
    for (int i = 0; i < channel.length; i++) {
      int event = channel[i];
      if (events.emitter[event] == replica) {
        reader.queued[event] = events.local[event];
      } else {
        double comes = published[i] + 0.1 + 0.3 * late.nextDouble();
        last = Math.max(last + 0.03, replicas[replica].runs(Math.max(last, comes)));
        reader.queued[event] = last;
      }
      reader.read[i] = last;
    }
    return reader;
  }

  private SwitchoverLink link(Reader reader, double delay, byte mask) {
    int[] brought = new int[events.size];
    int count = 0;
    for (int each : channel) {
      boolean inRoom =
          mask == SwitchoverEvents.OLD || reader.queued[each] >= joined[events.stream[each]];
      if ((events.links[each] & mask) != 0 && inRoom) {
        brought[count++] = each;
      }
    }
    return new SwitchoverLink(delay, count, brought, reader.queued, random.split());
  }

  SwitchoverLink link(Link which) {
    return which == Link.OLD ? old : next;
  }

  /** Sends a fence over a link. */
  Fence fence(Link over, double now) {
    SwitchoverReplica replica = replicas[over == Link.OLD ? OLD_REPLICA : nextReplica];
    double came;
    if (over == Link.OLD) {
      came = sentOverOld = replica.runs(Math.max(sentOverOld, now + upOld));
    } else {
      came = sentOverNext = replica.runs(Math.max(sentOverNext, now + upNext));
    }
    double handled = replica.runs(came + 1 + SwitchoverLink.exponential(random, 4));
    Reader reader = over == Link.OLD ? ofNext : ofOld;
    double queued = nextReplica == OLD_REPLICA ? handled : readBy(reader, handled);
    return new Fence(
        mark(link(over), came), mark(link(over == Link.OLD ? Link.NEXT : Link.OLD), queued));
  }

  /** When a replica reads from Redis what another one emits. */
  private double readBy(Reader reader, double emitted) {
    double at = emitted + SwitchoverEvents.published(scenario, random);
    int place = Arrays.binarySearch(published, at);
    place = place < 0 ? -place - 1 : place;
    double before = place > 0 ? reader.read[place - 1] : 0;
    double read = Math.max(before + CLOSE, replicas[reader.replica].runs(at + 0.1));
    boolean readsNext = place < channel.length && events.emitter[channel[place]] != reader.replica;
    return readsNext ? Math.min(read, reader.read[place] - CLOSE) : read;
  }

  private static Mark mark(SwitchoverLink link, double queued) {
    return new Mark(link.queuedBefore(queued), link.arrivalOfQueued(queued));
  }
}
