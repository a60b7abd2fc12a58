package dev.holdfast.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a page gets whose session moves, compared with what was sent. */
final class SwitchoverPage {
  private static final int NONE = -1;

  private final SwitchoverTraffic traffic;

  /** Of each stream, the last event that the page has. */
  private final int[] last = new int[SwitchoverTraffic.MAX_STREAMS];

  /** Of each stream, the first event that the old link brings at all. */
  private final int[] first = new int[SwitchoverTraffic.MAX_STREAMS];

  private SwitchoverPage(SwitchoverTraffic traffic) {
    this.traffic = traffic;
    Arrays.fill(last, NONE);
    Arrays.fill(first, NONE);
  }

  /** What is wrong with it if the alignment is taken at that time; null if nothing is. */
  static @Nullable String fault(SwitchoverTraffic traffic, Alignment alignment, double at) {
    SwitchoverPage page = new SwitchoverPage(traffic);
    page.readOld(at);
    return page.readNext(alignment, at);
  }

  private void readOld(double until) {
    for (int i = 0; i < traffic.old.size(); i++) {
      int event = traffic.old.event(i);
      int stream = traffic.events.stream[event];
      if (traffic.events.index[event] != SwitchoverEvents.ALONE) {
        if (traffic.old.arrival(i) < until) {
          last[stream] = traffic.events.index[event];
        }
        if (first[stream] == NONE) {
          first[stream] = traffic.events.index[event];
        }
      }
    }
  }

  private @Nullable String readNext(Alignment alignment, double at) {
    for (int i = 0; traffic.next.arrival(i) < traffic.until; i++) {
      int event = traffic.next.event(i);
      double arrival = traffic.next.arrival(i);
      boolean repeated =
          arrival < at
              ? alignment.isRepeat(i)
              : alignment.isLateRepeat(
                  traffic.events.fingerprint(event), FencedSwitchover.nanos(arrival));
      String fault = repeated ? dropped(event) : read(event);
      if (fault != null) {
        return fault + " at " + arrival + ", moved at " + at;
      }
    }
    return null;
  }

  private @Nullable String dropped(int event) {
    int stream = traffic.events.stream[event];
    int index = traffic.events.index[event];
    return index == SwitchoverEvents.ALONE || index > last[stream]
        ? "lost " + stream + ":" + index
        : null;
  }

  private @Nullable String read(int event) {
    int stream = traffic.events.stream[event];
    int index = traffic.events.index[event];
    if (index == SwitchoverEvents.ALONE) {
      return null;
    }
    int beginning = first[stream] == NONE ? index : first[stream];
    int expected = last[stream] == NONE ? beginning : last[stream] + 1;
    last[stream] = index;
    return index == expected ? null : "got " + stream + ":" + index + " instead of " + expected;
  }
}
