package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.List;

/** One numbered event of an upstream, and the links that it was sent over. */
final class Emission {
  /** One of them, and where in its bytes the event ends. */
  private record Copy(UpstreamLink link, long end) {}

  private final int number;
  private final long at;
  private final List<byte[]> frames;
  private final List<Copy> copies = new ArrayList<>(2);

  Emission(int number, long at, List<byte[]> frames) {
    this.number = number;
    this.at = at;
    this.frames = frames;
  }

  /** When it was sent. */
  long at() {
    return at;
  }

  int number() {
    return number;
  }

  List<byte[]> frames() {
    return frames;
  }

  void over(UpstreamLink link, long end) {
    copies.add(new Copy(link, end));
  }

  /** Whether some node has taken it for a session of this page that lives. */
  boolean isOwedTo(Page page) {
    return copies.stream()
        .anyMatch(
            copy ->
                page.knows(copy.link().sid())
                    && copy.link().hasTaken(copy.end())
                    && !mayBeOnItsWay(copy.link()));
  }

  /**
   * Whether the node that had forwarded this link may not have passed it on yet when the session
   * went on with its next link, which broke before it brought it, as the forwarded one may have,
   * too.
   */
  private boolean mayBeOnItsWay(UpstreamLink link) {
    return copies.stream()
        .map(Copy::link)
        .filter(other -> !other.equals(link) && other.isBroken())
        .anyMatch(other -> link.isGivenBack() || (link.isBroken() && link.isLent()));
  }

  @Override
  public String toString() {
    return number + " " + copies;
  }
}
