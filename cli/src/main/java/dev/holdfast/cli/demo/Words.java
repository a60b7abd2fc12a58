package dev.holdfast.cli.demo;

import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.util.HashSet;
import java.util.Set;

/**
 * One answer: numbered words for its listeners. Like an answer of Open WebUI it continues without
 * listeners, and words written then are lost. Confined by its owner.
 */
final class Words {
  private static final String[] VOCABULARY = {
    "hold", "fast", "the", "line", "while", "every", "word", "arrives", "in", "order"
  };

  private final int count;
  private final Set<WebSocketChannel> listeners = new HashSet<>();
  private int next;
  private boolean running;
  private boolean suspended;

  Words(int count) {
    this.count = count;
  }

  /** Adds a listener; returns whether the next word must be scheduled now. */
  boolean join(WebSocketChannel listener) {
    listeners.add(listener);
    suspended = false;
    boolean start = !running;
    running = true;
    return start;
  }

  /** Pauses until someone joins. */
  void suspend() {
    suspended = true;
    listeners.clear();
  }

  /** Sends a word or the end marker; returns false if no more words follow for now. */
  boolean step() {
    listeners.removeIf(listener -> !listener.isOpen());
    running = !suspended && next < count;
    if (running) {
      send("42[\"word\",%d,\"%s\"]".formatted(next, VOCABULARY[next % VOCABULARY.length]));
      next++;
    } else if (!suspended) {
      send("42[\"done\",%d]".formatted(count));
    }
    return running;
  }

  private void send(String packet) {
    listeners.forEach(listener -> WebSockets.sendText(packet, listener, null));
  }
}
