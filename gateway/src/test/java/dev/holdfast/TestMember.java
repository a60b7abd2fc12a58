package dev.holdfast;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.HandoffLocations;
import dev.holdfast.cluster.Nodes;
import dev.holdfast.cluster.Peers;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.cluster.SharedRateLimit;
import java.net.InetSocketAddress;

/** A node of a cluster that looks for the others, and for sessions, where a test says. */
record TestMember(Cluster real, Nodes nodes, Peers peers, HandoffLocations handoffLocations)
    implements Cluster {
  @Override
  public Sessions sessions() {
    return real.sessions();
  }

  @Override
  public SharedRateLimit rateLimit() {
    return real.rateLimit();
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
