package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class SessionHistoryTest {
  private final SessionHistory history = new SessionHistory();

  private record Transport(String name, boolean isThroughNode) implements SessionHistory.Transport {
    @Override
    public CompletionStage<String> kind() {
      return CompletableFuture.completedStage(name);
    }
  }

  private String kind() {
    return history.kind().toCompletableFuture().join();
  }

  @Test
  void sessionIsThroughANodeAsLongAsItsPresentTransportIs() {
    Transport direct = new Transport("polling", false);
    Transport throughNode = new Transport("websocket", true);
    assertThat(history.page().throughNode()).isFalse();

    history.opened(direct);
    assertThat(history.page().throughNode()).isFalse();
    history.opened(throughNode);
    assertThat(history.page().throughNode()).isTrue();
    history.closed(throughNode, "client-lost");

    assertThat(history.page().throughNode()).isFalse();
    assertThat(history.page().transports()).isEqualTo(2);
    assertThat(kind()).isEqualTo("none");
  }

  @Test
  void endOfATransportThatWasReplacedLeavesThePresentOne() {
    Transport replaced = new Transport("polling", false);
    history.opened(replaced);
    history.opened(new Transport("websocket", true));

    history.closed(replaced, "taken-over");

    assertThat(kind()).isEqualTo("websocket");
    assertThat(history.page().lastClose()).isEqualTo("taken-over");
  }
}
