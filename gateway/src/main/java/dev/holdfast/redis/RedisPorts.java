package dev.holdfast.redis;

import dev.holdfast.cluster.Budget;
import dev.holdfast.cluster.Moves;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.PidHash;
import dev.holdfast.cluster.SessionLocation;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The ports that are single commands. Thread-safe. */
final class RedisPorts implements Moves, Budget {
  private static final long SECOND_MICROS = 1_000_000L;

  private final Names names;
  private final Jobs jobs;
  private final Redirects redirects;
  private final Condition condition;

  RedisPorts(Names names, Jobs jobs, Redirects redirects, Condition condition) {
    this.names = names;
    this.jobs = jobs;
    this.redirects = redirects;
    this.condition = condition;
  }

  @Override
  public void moved(String pid, NodeId to) {
    redirects.put(names.moved(PidHash.of(pid)), to);
  }

  @Override
  public void find(String pid, Consumer<SessionLocation> answer) {
    String key = names.moved(PidHash.of(pid));
    jobs.send(pipe -> pipe.get(key), reply -> answer.accept(location(reply)));
  }

  private SessionLocation location(Jobs.Reply<String> reply) {
    if (!reply.came()) {
      return new SessionLocation.Unknown(condition.outage());
    }
    return SessionLocation.of(Optional.ofNullable(reply.value()).flatMap(NodeId::named));
  }

  @Override
  public void take(String name, Rate rate, int wanted, Consumer<Optional<Grant>> answer) {
    long interval = (SECOND_MICROS + rate.perSecond() - 1) / rate.perSecond();
    long ahead = (rate.burst() - 1) * interval;
    List<String> arguments =
        List.of(Long.toString(interval), Long.toString(ahead), Integer.toString(wanted));
    jobs.send(
        pipe -> pipe.eval(Scripts.PACE, List.of(names.pace(name)), arguments),
        reply -> answer.accept(Optional.ofNullable(reply.value()).map(RedisPorts::grant)));
  }

  private static Grant grant(Object reply) {
    List<?> values = Replies.list(reply);
    return new Grant(
        Math.toIntExact(Replies.number(values.get(0))),
        Duration.of(Replies.number(values.get(1)), ChronoUnit.MICROS));
  }

  /** Says something on a channel. */
  void publish(String channel, String message) {
    jobs.send(
        pipe -> pipe.eval(Scripts.PUBLISH, List.of(names.nodes()), List.of(channel, message)),
        reply -> {});
  }
}
