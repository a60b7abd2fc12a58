package dev.holdfast.sessions;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.engineio.CrossThreadConnection;
import dev.holdfast.engineio.EngineSocket;
import dev.holdfast.engineio.OwnedSocket;
import dev.holdfast.engineio.PendingTransport;
import dev.holdfast.engineio.SpliceControl;
import dev.holdfast.protocol.FrameBatch;
import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.protocol.TextFrame;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.ResumeRequest;
import dev.holdfast.session.ResumeResult;
import dev.holdfast.session.ResumeResult.Result;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the session that a returning client asks for, on this node or another one; the client gets
 * a fresh one if there is none to resume. Confined to the transport's thread.
 */
final class ResumeRouter {
  private final TransportRouter router;
  private final EngineSocket socket;
  private final PendingTransport transport;
  private final ResumeRequest request;
  private final byte[] connect;
  private final Set<NodeId> asked = new HashSet<>();
  private boolean isSplicing;

  ResumeRouter(
      TransportRouter router,
      EngineSocket socket,
      PendingTransport transport,
      ResumeRequest request,
      byte[] connect) {
    this.router = router;
    this.socket = socket;
    this.transport = transport;
    this.request = request;
    this.connect = connect;
  }

  /** Begins with this node. */
  void start() {
    if (!transport.isClosed()) {
      router.find(request).ifPresentOrElse(this::ask, () -> seek(router.elsewhere(request)));
    }
  }

  /** Asks this node, or the registry if it was asked before. */
  private void seek(Optional<SpliceTarget> target) {
    if (!isAsked(target)) {
      locate();
    }
  }

  /** Asks a node for the session, but none twice; returns false if there is none to ask. */
  private boolean isAsked(Optional<SpliceTarget> target) {
    Optional<SpliceTarget> unasked = target.filter(it -> asked.add(it.place().node()));
    unasked.ifPresent(this::splice);
    return unasked.isPresent();
  }

  private void locate() {
    OwnedSocket owned = transport.own();
    owned.pauseReads(PauseReason.PENDING);
    router.locate(
        request,
        found -> {
          owned.resumeReads(PauseReason.PENDING);
          if (!transport.isClosed()) {
            located(found, owned);
          }
        });
  }

  private void located(SessionLocation found, OwnedSocket owned) {
    Optional<SpliceTarget> target =
        found instanceof SessionLocation.At at ? router.target(at.node()) : Optional.empty();
    if (isAsked(target)) {
      return;
    }
    if (found instanceof SessionLocation.Unknown) {
      // It may be on any node: the client is to reconnect, here or to another one.
      socket.fail(CloseReason.NODE_TIMEOUT);
      return;
    }
    router.answered(request, Result.UNKNOWN);
    Optional<NodeId> successor = router.successor(request);
    if (socket.isFromNode() && successor.isPresent()) {
      // Tell the requesting node which node has taken the session over.
      owned.send(ByteBuffer.wrap(TextFrame.of(SpliceControl.naming(successor.map(NodeId::value)))));
    }
    router.fresh(transport, connect, true);
  }

  /** Splices to the session's node, which gets the early answers and the CONNECT. */
  private void splice(SpliceTarget target) {
    FrameBatch opening = new FrameBatch();
    add(opening, router.greeting());
    opening.add(transport.early());
    add(opening, connect);
    Splice splice =
        new Splice(
            socket,
            target,
            opening.take(),
            new Splice.Fallback() {
              @Override
              public void refused(Optional<NodeId> successor, byte[] meanwhile) {
                isSplicing = false;
                transport.keep(meanwhile);
                seek(successor.flatMap(router::target));
              }

              @Override
              public void adopted(HandoffMessage handoffMessage, RemoteLink link) {
                router.adopted(handoffMessage, link);
              }
            });
    isSplicing = true;
    splice.start();
    if (isSplicing) {
      transport.join(splice);
    }
  }

  private static void add(FrameBatch batch, byte[] packet) {
    batch.add(new Message().ofFrame(ByteBuffer.wrap(TextFrame.masked(packet)), true));
  }

  /** Asks the session to resume; if it is on another thread, reads pause until it has answered. */
  private void ask(SessionEntry entry) {
    byte[] answers = transport.early().take();
    if (entry.isOn(socket.loop())) {
      OwnedSocket owned = socket.own();
      ResumeResult result = resume(entry, owned, answers);
      answered(result, owned, result.listener());
      return;
    }
    OwnedSocket owned = transport.own();
    owned.pauseReads(PauseReason.PENDING);
    CrossThreadConnection remote = new CrossThreadConnection(socket, owned, entry::execute);
    entry.execute(
        () -> {
          ResumeResult result = resume(entry, remote, answers);
          if (result.listener() != null) {
            remote.listener(result.listener());
          }
          socket.executeLater(
              () -> {
                answered(result, owned, remote);
                owned.resumeReads(PauseReason.PENDING);
              });
        },
        () -> socket.executeLater(() -> socket.fail(CloseReason.INTERNAL)));
  }

  private ResumeResult resume(SessionEntry entry, EngineConnection connection, byte[] answers) {
    ResumeResult result =
        entry.session().resume(connection, socket.number(), request, each -> tell(answers, each));
    if (result.listener() != null) {
      entry.hasTransport(socket.isFromNode(), request.token());
    }
    return result;
  }

  private static void tell(byte[] answers, Consumer<Message> each) {
    try {
      FrameBatch.each(answers, each::accept);
    } catch (ProtocolException e) {
      throw new IllegalStateException("early answers were checked on arrival", e);
    }
  }

  private void answered(
      ResumeResult result, OwnedSocket owned, EngineConnection.@Nullable Listener session) {
    if (session == null || result.listener() == null) {
      refused(result.result());
      return;
    }
    owned.listener(session);
    router.answered(request, Result.RECOVERED);
    if (socket.isFromNode()) {
      // The client's ping timeout started with the other node's last ping.
      socket.pings().ask();
    }
    transport.join(session);
  }

  private void refused(Result result) {
    transport.own();
    if (result == Result.UNKNOWN) {
      // It was handed off since it was found.
      seek(router.elsewhere(request));
      return;
    }
    router.answered(request, result);
    if (result == Result.GIVEN_UP) {
      socket.fail(CloseReason.TAKEN_OVER);
    } else {
      router.fresh(transport, connect, true);
    }
  }
}
