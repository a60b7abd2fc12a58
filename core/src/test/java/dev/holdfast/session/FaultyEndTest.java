package dev.holdfast.session;

import static dev.holdfast.session.Conversation.EVENT;
import static dev.holdfast.session.Conversation.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever throws while a session ends: nothing else of the session is left. */
class FaultyEndTest {
  /** How a session ends. */
  enum End {
    CLOSED,
    CLIENT_LEAVES,
    LINK_LOST,
    EXPIRED,
    SLOW_CLIENT
  }

  static List<Arguments> ends() {
    return List.of(End.values()).stream()
        .flatMap(
            end ->
                List.of("transport", "link", "ended", "parked", "unparked", "given up", "revoked")
                    .stream()
                    .map(fault -> Arguments.of(end, fault)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("ends")
  void nothingIsLeftThoughOnePartCannotBeLetGo(End end, String fault) throws Exception {
    Conversation it = Conversation.live(OffsetStyle.ARGUMENT);
    it.up(EVENT);
    it.down(EVENT);
    it.link.failsToClose = fault.equals("link");
    it.transport.failsToClose = fault.equals("transport");
    it.heard.failsAt = fault;

    switch (end) {
      case CLOSED -> it.session.close(CloseReason.DRAINED);
      case CLIENT_LEAVES -> it.client.closed(CloseReason.CLIENT_DISCONNECTED);
      case LINK_LOST -> {
        it.upstream.closed(CloseReason.UPSTREAM_SILENT);
        it.session.close(CloseReason.DRAINED);
      }
      case EXPIRED -> {
        it.cut();
        it.timers.pass(WINDOW);
      }
      case SLOW_CLIENT -> {
        it.transport.taking = false;
        it.down(EVENT, EVENT);
        it.timers.pass(WINDOW.multipliedBy(2));
        it.session.close(CloseReason.DRAINED);
      }
    }

    assertThat(it.session.isClosed()).isTrue();
    if (end != End.CLIENT_LEAVES && end != End.EXPIRED) {
      assertThat(it.transport.closed).isPresent();
    }
    if (end != End.LINK_LOST) {
      assertThat(it.link.closed).isPresent();
    }
    assertThat(it.pool.taken()).isZero();
    assertThat(it.outboxes.taken()).isZero();
    assertThat(it.timers.waiting()).isZero();
    assertThat(it.heard.stream().filter(each -> each.startsWith("ended"))).hasSize(1);
  }
}
