package dev.holdfast.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** All nodes and their sessions, for people and programs that look after them. Thread-safe. */
public interface Registry {
  /** Who asks: a node, or somebody who only has the name of one. */
  NodeId self();

  /** The nodes that are there, in the order of their names. */
  List<Member> nodes();

  /** Their sessions. */
  Map<NodeId, Collection<SessionRecord>> sessions();

  /** How they are told what to do. */
  Commands commands();

  /** What a node knows of itself and the others. */
  static Registry of(Cluster cluster) {
    return new Registry() {
      @Override
      public NodeId self() {
        return cluster.peers().self();
      }

      @Override
      public List<Member> nodes() {
        return cluster.nodes().all();
      }

      @Override
      public Map<NodeId, Collection<SessionRecord>> sessions() {
        return cluster.sessions().all();
      }

      @Override
      public Commands commands() {
        return cluster.commands();
      }
    };
  }
}
