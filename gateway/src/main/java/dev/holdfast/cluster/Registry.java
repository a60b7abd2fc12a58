package dev.holdfast.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** All nodes and their sessions, for administration. Thread-safe. */
public interface Registry {
  /** Returns the name that queries are sent under: a node's, or that of an observer. */
  NodeId self();

  /** Returns the current nodes, ordered by name. */
  List<Member> nodes();

  /** Returns the sessions of each node. */
  Map<NodeId, Collection<SessionRecord>> sessions();

  /** Returns the commands to nodes. */
  Commands commands();

  /** Returns the registry as one node knows it. */
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
