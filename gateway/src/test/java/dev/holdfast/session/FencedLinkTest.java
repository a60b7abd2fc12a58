package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.openwebui.DocumentFence;
import dev.holdfast.openwebui.SharedDocuments;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.LinkFence.Link;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class FencedLinkTest {
  private static final int SEEDS = 200;
  private static final Duration PAUSE = Duration.ofMillis(400);
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final String DOCUMENT = "{\"document_id\":\"%s\"}]";

  private Duration now = Duration.ZERO;
  private boolean answersJoins;
  private boolean betweenPackets = true;
  private final DocumentFence fence = fence();
  private final FakeConnection connection = new FakeConnection(true);
  private final FencedLink link = new FencedLink(fence, Link.NEXT, connection, new Switchover());

  /** Requests that the upstream handles side by side. */
  private final List<String> handled = new ArrayList<>();

  private int read;
  private String document = "";
  private boolean member;

  private final class Switchover implements FencedLink.Listener {
    @Override
    public void seen(Link on, long number) {}

    @Override
    public long nanoTime() {
      return now.toNanos();
    }

    @Override
    public boolean isBetweenPackets() {
      return betweenPackets;
    }
  }

  private DocumentFence fence() {
    Random random = new Random(1);
    DocumentFence fence =
        new DocumentFence(
            random, () -> new SharedDocuments(random).between("a", "b", 0), over -> answersJoins);
    fence.open();
    return fence;
  }

  private boolean takes(String packet) throws ProtocolException {
    byte[] frame = TextFrame.of(packet.getBytes(StandardCharsets.UTF_8));
    return link.takes(new Message().ofFrame(ByteBuffer.wrap(frame), false));
  }

  private void bring(String packet) throws ProtocolException {
    assertThat(takes(packet)).as("what is ours reaches no client: %s", packet).isTrue();
  }

  /** The upstream reads the next packet, or goes on with one that it has read. */
  private void step(Random random) throws ProtocolException {
    int unread = connection.packets.size() - read;
    if (unread > 0 && (handled.isEmpty() || random.nextBoolean())) {
      read();
    } else if (!handled.isEmpty()) {
      handle(handled.remove(random.nextInt(handled.size())), random.nextInt(4) > 0);
    }
  }

  private void read() throws ProtocolException {
    String packet = connection.packets.get(read++);
    if (packet.startsWith("40/")) {
      bring("44" + packet.substring(2) + "\"Unable to connect\"");
    } else {
      handled.add(packet);
    }
  }

  /** Time passes, in which the upstream reads what it is sent, or stands still. */
  private void pass(Duration time, boolean reads) throws ProtocolException {
    for (Duration end = now.plus(time); now.compareTo(end) < 0; now = now.plus(LOOK)) {
      while (reads && read < connection.packets.size()) {
        read();
      }
      link.look(PAUSE.toNanos());
    }
  }

  private void handle(String request, boolean joins) throws ProtocolException {
    document = request.replaceFirst(".*\"document_id\":\"([^\"]*)\".*", "$1");
    if (request.contains("document:join") && joins) {
      member = true;
      bring("42[\"ydoc:document:state\"," + DOCUMENT.formatted(document));
    } else if (request.contains("document:leave")) {
      assertThat(member).as("a link leaves what it has joined").isTrue();
      member = false;
    }
    bring("43" + request.replaceAll("^42|\\[.*", "") + "[]");
  }

  @Test
  void upstreamThatStandsStillWhileItLetsTheLinkJoinIsWaitedFor() throws ProtocolException {
    link.join();
    for (int stops = 0; stops < 3; stops++) {
      pass(LOOK, true);
      pass(Duration.ofSeconds(5), false);
    }
    assertThat(link.isRefused()).isFalse();

    handle(handled.remove(0), true);
    pass(Duration.ofSeconds(5), true);

    assertThat(link.isJoined()).isTrue();
    assertThat(link.isRefused()).isFalse();
  }

  @Test
  void upstreamThatRunsAndLetsNoLinkJoinDoesNotKnowDocuments() throws ProtocolException {
    link.join();
    pass(PAUSE.multipliedBy(3), true);
    assertThat(link.isRefused()).isFalse();

    pass(LOOK.multipliedBy(10), true);

    assertThat(link.isRefused()).isTrue();
    int probes = connection.packets.size();
    pass(Duration.ofSeconds(5), true);
    assertThat(connection.packets).as("nothing more is sent").hasSize(probes);
  }

  @Test
  void upstreamThatIsKnownToAnswerIsWaitedForThoughItIsSlow() throws ProtocolException {
    answersJoins = true;
    link.join();
    pass(Duration.ofSeconds(15), true);
    assertThat(link.isRefused()).isFalse();

    handle(handled.remove(0), true);

    assertThat(link.isJoined()).isTrue();
  }

  @Test
  void linkThatWasLetInTooLateLeaves() throws ProtocolException {
    link.join();
    pass(Duration.ofSeconds(3), true);
    link.leave();

    handle(handled.remove(0), true);
    pass(LOOK, true);
    handle(handled.remove(0), true);

    assertThat(member).isFalse();
    assertThat(link.isDone()).isTrue();
  }

  private void joined() throws ProtocolException {
    link.join();
    pass(LOOK, true);
    handle(handled.remove(0), true);
    pass(LOOK, true);
    assertThat(link.isJoined()).isTrue();
  }

  @Test
  void noFenceStandsBetweenAPacketAndItsAttachments() throws ProtocolException {
    joined();
    int before = connection.packets.size();
    betweenPackets = false;

    assertThat(link.isFree()).isFalse();
    assertThat(link.sendFence(fence.nextNumber(Link.NEXT), now.toNanos())).isFalse();
    assertThat(connection.packets).hasSize(before);

    betweenPackets = true;
    assertThat(link.sendFence(fence.nextNumber(Link.NEXT), now.toNanos())).isTrue();
    assertThat(connection.packets).hasSizeGreaterThan(before);
  }

  @Test
  void noFenceIsSentWhileTheLinkTakesNothing() throws ProtocolException {
    joined();
    connection.taking = false;

    assertThat(link.isFree()).isFalse();
    assertThat(link.sendFence(fence.nextNumber(Link.NEXT), now.toNanos())).isFalse();
  }

  @Test
  void requestsWaitUntilTheLinkTakesThemAndAPacketHasItsAttachments() throws ProtocolException {
    connection.taking = false;
    link.join();
    assertThat(connection.packets).isEmpty();
    assertThat(link.isFree()).isFalse();

    connection.taking = true;
    betweenPackets = false;
    link.writable();
    assertThat(connection.packets).isEmpty();

    betweenPackets = true;
    link.writable();
    pass(LOOK, true);
    handle(handled.remove(0), true);
    assertThat(link.isJoined()).isTrue();
  }

  @Test
  void attachmentsAndAnswersInOtherNamespacesAreTheClients() throws ProtocolException {
    link.join();
    String call = connection.packets.get(0).replaceAll("^42|\\[.*", "");

    byte[] attachment = TextFrame.of("451-[]".getBytes(StandardCharsets.UTF_8));
    attachment[0] = (byte) 0x82;
    assertThat(link.takes(new Message().ofFrame(ByteBuffer.wrap(attachment), false))).isFalse();
    assertThat(takes("43/other," + call + "[]")).isFalse();
    assertThat(takes("43" + call + "[]")).isTrue();

    assertThat(link.isRefused()).isTrue();
  }

  @Test
  void linkThatWasRefusedHasNothingToLeave() throws ProtocolException {
    link.join();
    handle(connection.packets.get(0), false);
    read = 1;
    pass(LOOK, true);
    int before = connection.packets.size();

    link.leave();
    link.leave();

    assertThat(link.isDone()).isTrue();
    assertThat(connection.packets).hasSize(before);
  }

  @RepeatedTest(SEEDS)
  void leavesWhateverTheOrderOfTheAnswers(RepetitionInfo info) throws ProtocolException {
    Random random = new Random(info.getCurrentRepetition());
    link.joinOnceAdmitted();
    for (int steps = random.nextInt(6); steps > 0; steps--) {
      step(random);
    }

    link.leave();
    while (read < connection.packets.size() || !handled.isEmpty()) {
      assertThat(takes("43" + (1 << 20) + "[]")).as("a client's own answer").isFalse();
      assertThat(takes("42[\"event\"]")).isFalse();
      step(random);
    }

    assertThat(link.isDone()).isTrue();
    assertThat(member).isFalse();
    assertThat(connection.packets.stream().filter(it -> it.contains("document:leave")))
        .hasSizeLessThanOrEqualTo(1);
  }
}
