package dev.holdfast.simulation;

import dev.holdfast.config.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where processes find each other. */
interface Site {
  World world();

  Network network();

  Registry registry();

  Settings settings();

  /** The node at this host name; null if there is none any more. */
  @Nullable SimulatedNode node(String host);

  List<String> upstreamNames();

  List<SimulatedUpstream> upstreams();

  /** What upstreams tell each other. */
  Bus bus();

  SimulatedUpstream upstream(String host);

  /** The page that connects with this token. */
  Page page(String token);

  /** From one node to another, and to upstreams, in nanoseconds. */
  long nodeLatency();

  /** Bytes that a connection holds in each direction. */
  int window();

  /** The process of a node has ended. */
  void killed(SimulatedNode node);
}
