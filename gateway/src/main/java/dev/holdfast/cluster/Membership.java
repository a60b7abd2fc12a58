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
 * Derives the current nodes from those seen at each beat, without a clock. A node that is not seen
 * has left, unless there was a disturbance; then it may miss three beats. Updated by one thread,
 * read by any.
 */
public final class Membership implements Nodes {
  /** Number of beats that a node may miss after a disturbance. */
  public static final int GRACE_BEATS = 3;

  private final ErrorBoundary boundary;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<NodeId, Member> members = Map.of();
  private int grace = GRACE_BEATS;

  /**
   * Creates an empty membership.
   *
   * @param boundary catches what a listener throws, so that the others are still notified
   */
  public Membership(ErrorBoundary boundary) {
    this.boundary = boundary;
  }

  /** Called when beats were missed or data was lost, so that no node is declared gone too early. */
  public void disturbed() {
    grace = GRACE_BEATS;
  }

  /** Receives the nodes seen at a beat. */
  public void seen(List<Member> now) {
    Map<NodeId, Member> next = new TreeMap<>(Comparator.comparing(NodeId::value));
    if (grace > 0) {
      grace--;
      next.putAll(members);
    }
    now.forEach(member -> next.put(member.id(), member));
    become(next);
  }

  /** Called when a node has announced that it leaves. */
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

  /** A node that was restarted under the same name counts as left and joined. */
  private static boolean isStillThere(Member member, Map<NodeId, Member> others) {
    Member other = others.get(member.id());
    return other != null && other.incarnation().equals(member.incarnation());
  }

  /** Returns the node of this name. */
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
