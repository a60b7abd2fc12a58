package dev.holdfast.session;

import dev.holdfast.protocol.Message;
import dev.holdfast.protocol.ProtocolException;
import dev.holdfast.session.Resumption.Result;
import java.util.Optional;
import java.util.function.Consumer;

/** Lets a client go on with its session over another transport. Confined to its session. */
final class Comeback {
  private final Parts parts;
  private final Absence absence;
  private final Hop.Receiver transportSide;

  /** {@code transportSide} hears the transport. */
  Comeback(Parts parts, Absence absence, Hop.Receiver transportSide) {
    this.parts = parts;
    this.absence = absence;
    this.transportSide = transportSide;
  }

  /** See {@link Session#resume}; the session is not over. */
  Resumption resume(Hop newcomer, long number, Claim claim, Consumer<Consumer<Message>> answers) {
    Delivery delivery = parts.delivery();
    Session session = parts.session();
    Optional<Result> objection = delivery.objection(claim);
    if (objection.isPresent()) {
      return Resumption.refused(objection.get());
    }
    boolean away = parts.downlink().isGone();
    if (parts.downlink().isOlder(number)) {
      return Resumption.refused(Result.GIVEN_UP);
    }
    if (delivery.isOutdated(claim)) {
      // The client has confirmed more: this is an older connection of it, and late. Should it be a
      // page that was restored, it gets a fresh session, and this one waits in vain.
      return Resumption.refused(away ? Result.TRIMMED : Result.GIVEN_UP);
    }
    long cutAt = away ? absence.since() : parts.setup().timers().nanoTime();
    session.leaveTransport(CloseReason.TAKEN_OVER);
    answers.accept(this::earlyAnswer);
    parts.clientPackets().flush();
    Result result = session.isClosed() ? Result.EXPIRED : delivery.lineUp(claim);
    if (result != Result.RECOVERED) {
      session.close(CloseReason.SUPERSEDED);
      return Resumption.refused(result);
    }
    parts.downlink().become(newcomer, transportSide);
    delivery.catchUp(cutAt);
    session.step(SessionState::attached);
    delivery.drain();
    return new Resumption(result, parts.downlink().attachment());
  }

  private void earlyAnswer(Message message) {
    try {
      parts.clientPackets().message(message);
    } catch (ProtocolException e) {
      throw new IllegalStateException("answers were looked at when they came", e);
    }
  }
}
