package dev.holdfast.cluster;

class LocalClusterTest extends ClusterContract {
  private final LocalCluster cluster = new LocalCluster();

  @Override
  protected Cluster create(NodeId id) {
    return cluster.node(id);
  }
}
