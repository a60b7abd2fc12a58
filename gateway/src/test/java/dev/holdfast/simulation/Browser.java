package dev.holdfast.simulation;

/** Where a client runs: its thread, its network, and the load balancer before the nodes. */
interface Browser {
  World world();

  Network network();

  SimulatedLoop loop();

  /** The node that a load balancer chooses for the next request. */
  SimulatedNode someNode();

  /** Whether that load balancer asks another node when one ends before it has answered a GET. */
  boolean repeats();

  /** One way, in nanoseconds. */
  long latency();

  /** Whether something was thrown where its session is. */
  boolean mayBeFailed();

  /** Bytes that a connection holds in each direction. */
  int window();

  SimulatedExchange.Asker asker();

  /** Does this when the node's process ends. */
  void follows(SimulatedNode node, Runnable died);

  /** Whether the process of this thread ended without a word. */
  boolean wasKilled(SimulatedLoop loop);
}
