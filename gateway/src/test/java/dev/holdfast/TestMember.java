package dev.holdfast;

import dev.holdfast.cluster.Budget;
import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.Moves;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.Sessions;
import java.net.InetSocketAddress;

/** A node of a cluster that looks for the others, and for sessions, where a test says. */
record TestMember(Cluster real, Nodes nodes, Peers peers, Moves moves) implements Cluster {
  @Override
  public Sessions sessions() {
    return real.sessions();
  }

  @Override
  public Budget budget() {
    return real.budget();
  }

  @Override
  public Commands commands() {
    return real.commands();
  }

  @Override
  public void join(InetSocketAddress address) {
    real.join(address);
  }

  @Override
  public void draining() {
    real.draining();
  }

  @Override
  public void close() {
    real.close();
  }
}
