package dev.holdfast.cli.demo;

import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.util.HashSet;
import java.util.Set;

/**
 * One answer: numbered words for whoever joined it. Like an answer of Open WebUI it goes on when
 * nobody listens, and what is written then is for nobody. Confined by its owner.
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

  /** Whether its next word has to be planned now. */
  boolean join(WebSocketChannel listener) {
    listeners.add(listener);
    suspended = false;
    boolean start = !running;
    running = true;
    return start;
  }

  /** It stands still until somebody joins. */
  void suspend() {
    suspended = true;
    listeners.clear();
  }

  /** Sends a word, or says that there is none left; false if that was the last for now. */
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
