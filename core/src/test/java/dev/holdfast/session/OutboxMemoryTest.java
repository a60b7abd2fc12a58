package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.memory.BufferPool;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The memory of the process for outboxes ends anywhere within anything that an upstream sends. */
class OutboxMemoryTest {
  private static final int ENOUGH = 3 * BufferPool.BLOCK;
  private static final String LONG = "x".repeat(700);

  /** What comes in one read. */
  private static final List<String[]> READS =
      List.of(
          new String[] {"42[\"event\",{}]", "42[\"event\",\"" + LONG + "\"]"},
          new String[] {"42[\"event\"]", "421[\"call\",{\"a\":\"" + LONG + "\"}]"},
          new String[] {"42[\"event\"]", "451-[\"binary\",{}]", "<" + LONG + ">"},
          new String[] {"42[\"event\"]", "451-2[\"call\",{}]", "<" + LONG + ">", "42[\"event\"]"},
          new String[] {"42[\"event\"]", "433[\"answer\",\"" + LONG + "\"]"},
          new String[] {"42[\"event\"]", "461-4[{}]", "<" + LONG + ">"},
          new String[] {"42[\"event\"]", "42/other,[\"event\",\"" + LONG + "\"]"});

  private enum Client {
    AWAY,
    SLOW,
    THERE
  }

  @ParameterizedTest
  @EnumSource(names = {"ARGUMENT", "MARKER"})
  void nothingIsLeftWhereverItEnds(OffsetStyle style) throws ProtocolException {
    List<String> ends = new ArrayList<>();
    for (Client client : Client.values()) {
      for (String[] read : READS) {
        for (int memory = 0; memory <= ENOUGH; memory += BufferPool.SMALL) {
          ends.add(client + " " + read[1].substring(0, 3) + " " + end(style, client, read, memory));
        }
      }
    }

    assertThat(ends)
        .contains("AWAY 42[ Optional[OUTBOX_MEMORY]", "SLOW 42[ Optional[OUTBOX_MEMORY]")
        .noneMatch(end -> end.startsWith("THERE 4") && end.contains("OUTBOX") && !isInParts(end));
  }

  /** What has attachments is collected before it leaves. */
  private static boolean isInParts(String end) {
    return end.startsWith("THERE 45") || end.startsWith("THERE 46");
  }

  /** How the session of such a client ends, in so much memory, while this comes again and again. */
  private static Optional<CloseReason> end(
      OffsetStyle style, Client client, String[] read, int memory) throws ProtocolException {
    Conversation it = new Conversation(style, Conversation.OUTBOX, memory).connected();
    if (client == Client.AWAY) {
      it.cut();
    } else {
      it.transport.taking = client == Client.THERE;
    }
    for (int i = 0; i < 100 && !it.session.isClosed(); i++) {
      it.down(read);
    }
    Optional<CloseReason> ended = it.link.closed;
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
    return ended;
  }
}
