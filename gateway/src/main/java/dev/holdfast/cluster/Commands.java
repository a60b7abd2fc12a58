package dev.holdfast.cluster;

import java.util.function.Consumer;

/**
 * Sends commands between nodes. A command may be lost while a node is unreachable, except
 * revocations to all nodes, which are delivered when it returns. Thread-safe.
 */
public interface Commands {
  /** Sends a command to one node, which may be this one. */
  void send(NodeId to, Command command);

  /** Sends a command to all nodes, including this one. */
  void sendAll(Command command);

  /**
   * Registers a listener for the commands to this node. It is called on a thread that it must not
   * block.
   */
  void onCommand(Consumer<Command> listener);
}
