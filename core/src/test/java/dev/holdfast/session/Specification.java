package dev.holdfast.session;

import static dev.holdfast.session.ModelTransport.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the upstream sent, in order, and what of it the client has handled. */
final class Specification {
  /** An event of the upstream. */
  static final class Event {
    final int number;

    /** Replies that the upstream had given when it sent this. */
    final int replies;

    final ModelLink link;
    final boolean call;

    /** Whether no client can decode it. */
    final boolean broken;

    /** The links that bring it, or have brought it. */
    final List<ModelLink> links = new ArrayList<>(1);

    /** Whether it was sent while a session moved, so that it may come behind a later reply. */
    boolean overlapped;

    /** Whether it came over the link that a session moves to, and over no other. */
    boolean aside;

    /** Whether the session has to deliver it. */
    boolean told;

    boolean handled;

    /** The connection on which it was seen last. */
    int seenOn = -1;

    /** The connection before which the session had its answer; -1 while it has none. */
    int answeredOn = -1;

    private Event(int number, int replies, ModelLink link, boolean call, boolean broken) {
      this.number = number;
      this.replies = replies;
      this.link = link;
      this.call = call;
      this.broken = broken;
    }
  }

  final List<Event> events = new ArrayList<>();
  private final Map<String, Integer> texts = new HashMap<>();
  private int firstMissing;
  private int handled;

  /** The upstream sends an event; says its number. */
  Event sent(int replies, ModelLink link, boolean call, boolean broken) {
    Event event = new Event(events.size(), replies, link, call, broken);
    events.add(event);
    return event;
  }

  /** The last string of an event without ack id. */
  void sentText(String text) {
    texts.merge(text, 1, Integer::sum);
  }

  /** How many events ended with it. */
  int sentTexts(String text) {
    return texts.getOrDefault(text, 0);
  }

  /** Events that the client has handled, each counted once. */
  int handled() {
    return handled;
  }

  /**
   * The client handles an event.
   *
   * @param mayRepeat whether it cannot have told us that it had it: with offsets as arguments only
   *     if its handler threw
   * @param replies that the client has had
   */
  void handles(int number, ModelTransport transport, boolean mayRepeat, int replies) {
    Event event = events.get(number);
    if (event.handled) {
      repeats(event, transport, mayRepeat);
    } else {
      check(
          replies == event.replies || (event.overlapped && replies > event.replies),
          "event %d came behind %d replies, and was sent behind %d"
              .formatted(number, replies, event.replies));
      event.handled = true;
      handled++;
      transport.broughtNews = true;
      nothingMissingBefore(number);
    }
    event.seenOn = transport.number;
  }

  private static void repeats(Event event, ModelTransport transport, boolean mayRepeat) {
    String name = (event.call ? "call " : "event ") + event.number;
    check(event.seenOn < transport.number, name + " came twice on one connection");
    check(!transport.broughtNews, name + " came again behind what was new");
    if (event.call) {
      check(
          event.answeredOn < 0 || event.answeredOn >= transport.number,
          name + " was asked again though it was answered");
    } else {
      check(mayRepeat, name + " came again");
    }
  }

  /** Everything sent before this has been handled, but for what cannot be. */
  void nothingMissingBefore(int number) {
    while (firstMissing < number && isSettled(events.get(firstMissing))) {
      firstMissing++;
    }
    check(firstMissing >= number, "event " + firstMissing + " is missing");
  }

  private static boolean isSettled(Event event) {
    return event.handled
        || event.broken
        || event.aside
        || (event.call && !event.link.open)
        || (!event.told && event.links.stream().noneMatch(link -> link.open));
  }

  /** What was for the link alone that a session has moved to has been handled, too. */
  void nothingMissingOf(ModelLink link) {
    for (Event event : events) {
      boolean settled = event.handled || event.broken || !event.aside || event.link != link;
      check(settled, "event " + event.number + " of the next link is missing");
    }
  }
}
