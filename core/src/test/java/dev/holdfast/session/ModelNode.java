package dev.holdfast.session;

import static dev.holdfast.session.ModelTransport.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the session of a model asks of its node: links, pids, and a place in the books. */
final class ModelNode extends NoOpSessionContext {
  static final String TOKEN = "t";

  /** Numbers of the client's events that have come to an upstream, in order. */
  final List<Integer> clientEvents = new ArrayList<>();

  /** How moves have ended. */
  final Map<SwitchoverResult, Integer> moves = new EnumMap<>(SwitchoverResult.class);

  Runnable onMoved = () -> {};
  Runnable onStayed = () -> {};
  private @Nullable ModelLink link;
  private @Nullable ModelLink next;
  private @Nullable ModelLink left;
  private int links;
  private int pids;
  long accepted;
  long delivered;
  long givenUp;
  Optional<CloseReason> ended = Optional.empty();

  /** The present link, or the last one. */
  ModelLink link() {
    if (link == null) {
      throw new AssertionError("no link was dialled");
    }
    return link;
  }

  /** The link that the session moves to; null if it does not. */
  @Nullable ModelLink next() {
    return next;
  }

  /** The next link of the last move, if the client has stayed where it was; null otherwise. */
  @Nullable ModelLink left() {
    return left;
  }

  @Override
  public byte[] handoffMessage(SessionSnapshot snapshot) {
    throw new AssertionError("there is no other node");
  }

  @Override
  public void handedOff(String successor) {
    throw new AssertionError("there is no other node");
  }

  @Override
  public EngineConnection dial(EngineConnection.Listener listener) {
    check(link == null || !link.open, "a second link was dialled");
    ModelLink dialled = new ModelLink(listener, links++ % 4 != 3, clientEvents);
    link = dialled;
    return dialled;
  }

  @Override
  public EngineConnection redial(EngineConnection.Listener listener) {
    return dial(listener);
  }

  @Override
  public EngineConnection move(EngineConnection.Listener listener) {
    ModelLink dialled = new ModelLink(listener, links++ % 4 != 3, clientEvents);
    next = dialled;
    return dialled;
  }

  @Override
  public Optional<LinkFence> fence() {
    return Optional.empty();
  }

  @Override
  public void switchedOver(SwitchoverResult result) {
    moves.merge(result, 1, Integer::sum);
    boolean went = result.isMove();
    if (went) {
      link = next;
    }
    if (result == SwitchoverResult.STAYED) {
      left = next;
    }
    next = null;
    if (went) {
      onMoved.run();
    } else if (result == SwitchoverResult.STAYED) {
      onStayed.run();
    }
  }

  @Override
  public String newPid() {
    return "pid" + ++pids;
  }

  @Override
  public boolean isOwner(ResumeRequest request) {
    return TOKEN.equals(request.token());
  }

  @Override
  public void accepted(long events) {
    accepted += events;
  }

  @Override
  public void delivered(long events) {
    delivered += events;
  }

  @Override
  public void givenUp(String reason, long events) {
    givenUp += events;
  }

  @Override
  public void ended(CloseReason reason) {
    check(ended.isEmpty(), "the session ended twice");
    ended = Optional.of(reason);
  }
}
