package dev.holdfast.redis;

import dev.holdfast.cluster.HandoffLocations;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.PidHash;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.cluster.SharedRateLimit;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The ports that map to single commands. Thread-safe. */
final class RedisPorts implements HandoffLocations, SharedRateLimit {
  private static final long SECOND_MICROS = 1_000_000L;

  private final KeyNames names;
  private final CommandQueue jobs;
  private final HandoffRecords redirects;
  private final HandoffTrust trust;
  private final RedisStatus status;

  RedisPorts(
      KeyNames names,
      CommandQueue jobs,
      HandoffRecords redirects,
      HandoffTrust trust,
      RedisStatus status) {
    this.names = names;
    this.jobs = jobs;
    this.redirects = redirects;
    this.trust = trust;
    this.status = status;
  }

  @Override
  public void moved(String pid, NodeId to) {
    redirects.put(PidHash.of(pid), to);
  }

  @Override
  public void find(String pid, Consumer<SessionLocation> answer) {
    String pidHash = PidHash.of(pid);
    String key = names.moved(pidHash);
    jobs.send(pipe -> pipe.get(key), reply -> answer.accept(location(pidHash, reply)));
  }

  private SessionLocation location(String pidHash, CommandQueue.Reply<String> reply) {
    if (!reply.received()) {
      return new SessionLocation.Unknown(status.outage());
    }
    return SessionLocation.of(
        Optional.ofNullable(reply.value()).flatMap(text -> trust.read(pidHash, text)));
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
}
