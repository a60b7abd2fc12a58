package dev.holdfast.cluster;

import java.util.function.Consumer;

/**
 * Commands between nodes. They may be lost while a node cannot be reached, but for revocations to
 * all: those reach it when it is back. Thread-safe.
 */
public interface Commands {
  /** Tells one node, which may be this one. */
  void send(NodeId to, Command command);

  /** Tells all nodes, this one too. */
  void sendAll(Command command);

  /** Hears all commands for this node from now on, on a thread that it must not block. */
  void onCommand(Consumer<Command> listener);
}
