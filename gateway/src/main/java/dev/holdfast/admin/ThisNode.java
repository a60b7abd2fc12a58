package dev.holdfast.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.session.CloseReason;
import dev.holdfast.session.SessionStatus;
import dev.holdfast.sessions.SessionEntry;
import dev.holdfast.sessions.SessionHistory;
import dev.holdfast.sessions.SessionRegistry;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.Upstreams;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes operators' commands on this node and answers queries about it. Thread-safe. */
public final class ThisNode {
  private static final Logger LOG = LoggerFactory.getLogger(ThisNode.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final long TIMEOUT_MILLIS = 500;
  private static final int MOST_EXPLAINED = 50;

  static final String UPSTREAMS = "upstreams";
  static final String WHY_SID = "why-sid ";
  static final String WHY_USER = "why-user ";

  private final NodeId id;
  private final SessionRegistry registry;
  private final Upstreams upstreams;
  private volatile @Nullable Operations orders;

  /** Commands that other parts of the node execute. */
  public interface Operations {
    /** Drains the node, without blocking. */
    void drain();

    /**
     * Moves all sessions off an upstream, without blocking.
     *
     * @throws IllegalArgumentException if there is no upstream of this name
     * @throws IllegalStateException if there is no other upstream for them
     */
    void drainUpstream(String name);

    /**
     * Allows sessions on an upstream again.
     *
     * @throws IllegalArgumentException if there is no upstream of this name
     */
    void undrainUpstream(String name);
  }

  /** Represents the node of this name. */
  public ThisNode(NodeId id, SessionRegistry registry, Upstreams upstreams) {
    this.id = id;
    this.registry = registry;
    this.upstreams = upstreams;
  }

  NodeId id() {
    return id;
  }

  /** Starts to receive commands; {@code executor} carries them out. */
  public void listen(Operations executor, Commands commands) {
    orders = executor;
    commands.onCommand(
        command -> {
          if (command instanceof Command.Ask ask) {
            answer(ask.question())
                .thenAccept(text -> commands.send(ask.from(), new Command.Answer(ask.id(), text)))
                .exceptionally(ThisNode::queryFailed);
          } else {
            take(command);
          }
        });
  }

  /** The caller times out, as it would for a node that is gone. */
  private static @Nullable Void queryFailed(Throwable error) {
    LOG.error("internal error: a query of another node stays unanswered", error);
    return null;
  }

  /** Executes a command; failures are logged. */
  void take(Command command) {
    Operations to = orders;
    try {
      if (command instanceof Command.KickSession kick) {
        kick(record -> record.sid().equals(kick.sid()), "session " + kick.sid());
      } else if (command instanceof Command.KickUser kick) {
        kick(record -> record.user().equals(kick.user()), "sessions of user " + kick.user());
      } else if (to == null) {
        LOG.warn("ignoring a command that arrived before the node was started");
      } else if (command instanceof Command.Drain) {
        LOG.info("an operator drains this node");
        to.drain();
      } else if (command instanceof Command.DrainUpstream drain) {
        to.drainUpstream(drain.upstream());
      } else if (command instanceof Command.UndrainUpstream undrain) {
        to.undrainUpstream(undrain.upstream());
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      LOG.warn("an operator's command failed: {}", e.getMessage());
    }
  }

  private void kick(Predicate<SessionRecord> whom, String name) {
    List<SessionEntry> kicked = registry.find(whom);
    if (!kicked.isEmpty()) {
      LOG.info("an operator kicked {}: {} ended", name, kicked.size());
      kicked.forEach(each -> each.close(CloseReason.KICKED));
    }
  }

  /** Answers a query with a JSON array. */
  CompletionStage<String> answer(String question) {
    if (question.equals(UPSTREAMS)) {
      return CompletableFuture.completedStage(json(upstreams()));
    } else if (question.startsWith(WHY_SID)) {
      String sid = question.substring(WHY_SID.length());
      return explain(record -> record.sid().equals(sid)).thenApply(ThisNode::json);
    } else if (question.startsWith(WHY_USER)) {
      String user = question.substring(WHY_USER.length());
      return explain(record -> record.user().equals(user)).thenApply(ThisNode::json);
    }
    return CompletableFuture.completedStage("[]");
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("views are plain values", e);
    }
  }

  private List<UpstreamView> upstreams() {
    return upstreams.all().stream().map(this::view).toList();
  }

  private UpstreamView view(Upstream upstream) {
    return new UpstreamView(
        upstream.name(),
        id.value(),
        upstream.state().kind().label(),
        upstream.state().sentence(),
        upstream.isDrained(),
        registry.countAt(upstream.name()));
  }

  private CompletableFuture<List<Explanation>> explain(Predicate<SessionRecord> wanted) {
    List<CompletableFuture<Optional<Explanation>>> all =
        registry.find(wanted).stream().limit(MOST_EXPLAINED).map(this::explain).toList();
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> all.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList());
  }

  /**
   * Queries the session's own thread, then that of its transport; empty if the session has ended.
   */
  private CompletableFuture<Optional<Explanation>> explain(SessionEntry entry) {
    CompletableFuture<SessionStatus> status = new CompletableFuture<>();
    entry.execute(() -> status.complete(entry.session().status()));
    return status
        .thenCombine(entry.history().kind(), (seen, kind) -> explanation(entry, seen, kind))
        .completeOnTimeout(Optional.empty(), TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private Optional<Explanation> explanation(SessionEntry entry, SessionStatus seen, String kind) {
    SessionHistory.Page page = entry.history().page();
    return entry
        .record()
        .map(
            record ->
                new Explanation(
                    record.sid(),
                    record.user(),
                    id.value(),
                    record.upstream(),
                    record.address(),
                    record.since(),
                    seen.state(),
                    page.choice().label(),
                    page.choice().sentence(),
                    kind,
                    page.throughNode(),
                    page.transports(),
                    page.lastClose(),
                    page.lastResume(),
                    seen.outboxBytes(),
                    seen.left().map(Duration::toSeconds).orElse(-1L)));
  }
}
