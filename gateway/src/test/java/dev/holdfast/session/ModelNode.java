package dev.holdfast.session;

import static dev.holdfast.session.ModelTransport.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the session of a model asks of its node: links, pids, and a place in the books. */
final class ModelNode extends NoOpSurroundings {
  static final String TOKEN = "t";

  /** Numbers of the client's events that have come to an upstream, in order. */
  final List<Integer> clientEvents = new ArrayList<>();

  /** How moves have ended. */
  final Map<Moved, Integer> moves = new EnumMap<>(Moved.class);

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
  public byte[] will(Estate estate) {
    throw new AssertionError("there is no other node");
  }

  @Override
  public void ceded(String heir) {
    throw new AssertionError("there is no other node");
  }

  @Override
  public Hop dial(Hop.Receiver receiver) {
    check(link == null || !link.open, "a second link was dialled");
    ModelLink dialled = new ModelLink(receiver, links++ % 4 != 3, clientEvents);
    link = dialled;
    return dialled;
  }

  @Override
  public Hop redial(Hop.Receiver receiver) {
    return dial(receiver);
  }

  @Override
  public Hop move(Hop.Receiver receiver) {
    ModelLink dialled = new ModelLink(receiver, links++ % 4 != 3, clientEvents);
    next = dialled;
    return dialled;
  }

  @Override
  public Optional<LinkFence> fence() {
    return Optional.empty();
  }

  @Override
  public void moved(Moved result) {
    moves.merge(result, 1, Integer::sum);
    boolean went = result.isMove();
    if (went) {
      link = next;
    }
    if (result == Moved.STAYED) {
      left = next;
    }
    next = null;
    if (went) {
      onMoved.run();
    } else if (result == Moved.STAYED) {
      onStayed.run();
    }
  }

  @Override
  public String newPid() {
    return "pid" + ++pids;
  }

  @Override
  public boolean isOwner(Claim claim) {
    return TOKEN.equals(claim.token());
  }

  @Override
  public Optional<Duration> heartbeatInterval() {
    return Optional.of(Duration.ofSeconds(30));
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
