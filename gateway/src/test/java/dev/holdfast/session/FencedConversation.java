package dev.holdfast.session;

import dev.holdfast.openwebui.DocumentFence;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.SessionSetup.OffsetStyle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;

/** A session that is moved between two upstreams that know fences. */
abstract class FencedConversation {
  static final Duration LAG = Conversation.LAG;
  static final String STATE = "42[\"ydoc:document:state\",{\"document_id\":\"%s\"}]";
  static final String JOINED = "42[\"ydoc:user:joined\",{\"document_id\":\"%s\"}]";
  static final String UPDATE =
      "42[\"ydoc:awareness:update\",{\"document_id\":\"%s\",\"user_id\":\"u\",\"update\":[%s]}]";

  final Conversation it;
  final EngineConnection.Listener first;

  /** How much of what the links were sent the upstreams have answered. */
  private int readOfOld;

  private int readOfNext;
  boolean oldStands;
  boolean nextStands;
  boolean ignoresDocuments;
  boolean refusesDocuments;
  String document = "";
  final List<String> late = new ArrayList<>();

  FencedConversation() throws ProtocolException {
    it = Conversation.live(OffsetStyle.ARGUMENT);
    it.fence = fence();
    first = it.upstream;
  }

  @AfterEach
  void nothingIsLeftWhenTheSessionIsOver() {
    it.session.close(CloseReason.DRAINED);
    it.assertNothingLeft();
  }

  private LinkFence fence() {
    SharedDocuments documents = new SharedDocuments(new SplittableRandom(1));
    return new DocumentFence(
        new SplittableRandom(2),
        () -> documents.between("a", "b", it.timers.nanoTime()),
        over -> false);
  }

  void overlap() throws ProtocolException {
    it.session.move(true);
    run(LAG);
    it.next("40{\"sid\":\"s2\"}");
    it.confirm();
  }

  /** Time passes, in which upstreams that do not stand still answer what they are sent. */
  void run(Duration time) throws ProtocolException {
    for (long ms = 0; ms < time.toMillis(); ms += 10) {
      it.timers.pass(Duration.ofMillis(10));
      for (boolean again = true; again; ) {
        int before = readOfOld + readOfNext;
        while (!oldStands && readOfOld < it.link.packets.size()) {
          answer(it.link.packets.get(readOfOld++), true);
        }
        while (!nextStands && readOfNext < it.nextLink.packets.size()) {
          answer(it.nextLink.packets.get(readOfNext++), false);
        }
        again = readOfOld + readOfNext > before;
      }
    }
  }

  private void answer(String packet, boolean old) throws ProtocolException {
    if (packet.startsWith("40/hf")) {
      bring(old, "44" + packet.substring(2) + "\"Unable to connect\"");
    } else if (ignoresDocuments) {
      return;
    } else if (refusesDocuments && packet.contains("ydoc:document")) {
      bring(old, "43" + packet.replaceAll("^42|\\[.*", "") + "[]");
    } else if (packet.contains("ydoc:document:join")) {
      document = packet.replaceFirst(".*\"document_id\":\"([^\"]*)\".*", "$1");
      bring(old, STATE.formatted(document), "43" + packet.replaceAll("^42|\\[.*", "") + "[]");
      bring(!old, JOINED.formatted(document));
    } else if (packet.contains("ydoc:awareness:update")) {
      bring(!old, UPDATE.formatted(document, packet.replaceFirst(".*\\[(\\d+)].*", "$1")));
    } else if (packet.contains("ydoc:document:leave")) {
      bring(old, "43" + packet.replaceAll("^42|\\[.*", "") + "[]");
    }
  }

  /** A link that is still heard brings this, in its order when its upstream stands still. */
  void bring(boolean old, String... packets) throws ProtocolException {
    FakeConnection connection = old ? it.link : it.nextLink;
    if (!old && nextStands) {
      late.addAll(List.of(packets));
    } else if (connection.closed.isEmpty()) {
      Read.ofUpstream(packets).tell(old ? first : it.nextUpstream);
    }
  }

  void sayOnBoth(String word) throws ProtocolException {
    String packet = "42[\"a\",\"" + word + "\"]";
    bring(true, packet);
    bring(false, packet);
    run(Duration.ofMillis(50));
  }
}
