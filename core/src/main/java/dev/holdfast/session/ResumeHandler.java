package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.ResumeResult.Result;
import java.util.Optional;
import java.util.function.Consumer;

/** Resumes a session over another transport. Confined to its session. */
final class ResumeHandler {
  private final Session session;
  private final Parts parts;
  private final ParkTimer parkTimer;
  private final EngineConnection.Listener transportSide;

  /** Creates a handler; {@code transportSide} is the listener for the new transport. */
  ResumeHandler(
      Session session, Parts parts, ParkTimer parkTimer, EngineConnection.Listener transportSide) {
    this.session = session;
    this.parts = parts;
    this.parkTimer = parkTimer;
    this.transportSide = transportSide;
  }

  /** Resumes a session that has not ended; see {@link Session#resume}. */
  ResumeResult resume(
      EngineConnection newcomer,
      long number,
      ResumeRequest request,
      Consumer<Consumer<Message>> answers) {
    Optional<Result> objection = objection(number, request);
    if (objection.isPresent()) {
      return ResumeResult.refused(objection.get());
    }
    Delivery delivery = parts.delivery();
    boolean away = parts.downlink().isGone();
    long cutAt = away ? parkTimer.since() : parts.setup().timers().nanoTime();
    parts.clientPackets().transportLost();
    session.leaveTransport(CloseReason.TAKEN_OVER);
    answers.accept(this::earlyAnswer);
    parts.clientPackets().flush();
    Result result = session.isClosed() ? Result.EXPIRED : delivery.lineUp(request);
    if (result != Result.RECOVERED) {
      session.close(CloseReason.SUPERSEDED);
      return ResumeResult.refused(result);
    }
    parts.downlink().become(newcomer, transportSide);
    delivery.catchUp(cutAt);
    session.step(SessionState::attached);
    delivery.drain();
    return new ResumeResult(result, parts.downlink().detachable());
  }

  private Optional<Result> objection(long number, ResumeRequest request) {
    Optional<Result> objection = parts.delivery().objection(request);
    if (objection.isPresent()) {
      return objection;
    }
    if (parts.downlink().isOlder(number)) {
      return Optional.of(Result.GIVEN_UP);
    }
    if (parts.delivery().isOutdated(request)) {
      // The client has confirmed more, so this is an older connection that arrives late. If it is a
      // restored page, the page gets a new session and this one waits in vain.
      return Optional.of(parts.downlink().isGone() ? Result.TRIMMED : Result.GIVEN_UP);
    }
    return Optional.empty();
  }

  private void earlyAnswer(Message message) {
    try {
      parts.clientPackets().message(message);
    } catch (ProtocolException e) {
      throw new IllegalStateException("answers were looked at when they came", e);
    }
  }
}
