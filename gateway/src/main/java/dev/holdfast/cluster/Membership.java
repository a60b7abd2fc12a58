package dev.holdfast.cluster;

import dev.holdfast.time.ErrorBoundary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who is there, out of what is seen at each beat. Knows no clock: a node that is not seen is gone,
 * unless something was wrong lately; then it has three beats to show itself. Fed by one thread,
 * asked by any.
 */
public final class Membership implements Nodes {
  /** Beats that a node may miss. */
  public static final int GRACE_BEATS = 3;

  private final ErrorBoundary boundary;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<NodeId, Member> members = Map.of();
  private int grace = GRACE_BEATS;

  /**
   * Nobody is there yet.
   *
   * @param boundary catches what one listener throws, so that the next is still told
   */
  public Membership(ErrorBoundary boundary) {
    this.boundary = boundary;
  }

  /** Beats were missed, or what was there is lost: nobody is declared gone too soon. */
  public void disturbed() {
    grace = GRACE_BEATS;
  }

  /** These were seen at a beat. */
  public void seen(List<Member> now) {
    Map<NodeId, Member> next = new TreeMap<>(Comparator.comparing(NodeId::value));
    if (grace > 0) {
      grace--;
      next.putAll(members);
    }
    now.forEach(member -> next.put(member.id(), member));
    become(next);
  }

  /** A node has said that it goes. */
  public void left(NodeId node) {
    Map<NodeId, Member> next = new TreeMap<>(Comparator.comparing(NodeId::value));
    next.putAll(members);
    next.remove(node);
    become(next);
  }

  private void become(Map<NodeId, Member> next) {
    Map<NodeId, Member> before = members;
    List<Member> gone = new ArrayList<>(before.values());
    gone.removeIf(member -> isStillThere(member, next));
    for (Listener listener : listeners) {
      gone.forEach(member -> boundary.run(() -> listener.leaving(member)));
    }
    members = Collections.unmodifiableMap(next);
    List<Member> come = new ArrayList<>(next.values());
    come.removeIf(member -> isStillThere(member, before));
    for (Listener listener : listeners) {
      gone.forEach(member -> boundary.run(() -> listener.left(member)));
      come.forEach(member -> boundary.run(() -> listener.joined(member)));
    }
  }

  /** A node that was started again under its name has left and joined. */
  private static boolean isStillThere(Member member, Map<NodeId, Member> others) {
    Member other = others.get(member.id());
    return other != null && other.incarnation().equals(member.incarnation());
  }

  /** A node of this name. */
  public Optional<Member> find(NodeId node) {
    return Optional.ofNullable(members.get(node));
  }

  @Override
  public List<Member> all() {
    return List.copyOf(members.values());
  }

  @Override
  public void onChange(Listener listener) {
    listeners.add(listener);
  }
}
