package dev.holdfast.redis;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Validity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;

/**
 * Tokens and users that were revoked. Redis keeps them, so that a node hears of each once, also if
 * it, or the one that saw it, was away from Redis then. Those of this node are kept here, too, and
 * written again after Redis has lost them. Thread-safe.
 */
final class RevocationRecords {
  /** In Redis, and of this node here; the oldest go. */
  private static final int MOST = 4096;

  /** Those that were heard of and are remembered: more than there can be in Redis. */
  private static final int MOST_HEARD = 2 * MOST;

  private static final String ORIGIN = "the registry of revocations";
  private static final String ISSUED = "issued";

  private final Self self;
  private final Signatures signatures;
  private final Wakeup wakeup;
  private final Duration window;
  private final LongSupplier millis;
  private final Consumer<Command> follow;
  private final Map<String, String> own = bounded(MOST);
  private final Set<String> waiting = new LinkedHashSet<>();
  private final Map<String, Boolean> heard = bounded(MOST_HEARD);
  private boolean unread = true;
  private long number;

  /**
   * @param window how long they are kept
   * @param millis the time of day, in milliseconds since 1970
   * @param follow hears what others have revoked
   */
  RevocationRecords(
      Self self,
      Signatures signatures,
      Wakeup wakeup,
      Duration window,
      LongSupplier millis,
      Consumer<Command> follow) {
    this.self = self;
    this.signatures = signatures;
    this.wakeup = wakeup;
    this.window = window;
    this.millis = millis;
    this.follow = follow;
  }

  private static <T> Map<String, T> bounded(int most) {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
        return size() > most;
      }
    };
  }

  /** Whether others have to hear of it, however late. */
  static boolean isOne(Command command) {
    return command instanceof Command.RevokeToken || command instanceof Command.RevokeUser;
  }

  /** This node has revoked something. */
  void put(Command command) {
    Map<String, String> values = new LinkedHashMap<>(Messages.words(command));
    values.put(ISSUED, Long.toString(millis.getAsLong()));
    synchronized (this) {
      String id = self.incarnation() + "-" + ++number;
      own.put(id, QueryString.encode(values));
      heard.put(id, true);
      waiting.add(id);
    }
    wakeup.now();
  }

  /** What was written may be lost. */
  synchronized void rewrite() {
    own.values().removeIf(text -> isOver(issued(text)));
    waiting.addAll(own.keySet());
  }

  /** Messages may have been missed. */
  void unread() {
    synchronized (this) {
      unread = true;
    }
    wakeup.now();
  }

  /** What is to be sent now. */
  synchronized List<PendingCommand> due() {
    List<PendingCommand> due = new ArrayList<>();
    for (String id : waiting) {
      String text = own.get(id);
      if (text != null) {
        signatures.revocations().sign(text, id).ifPresent(it -> due.add(new Written(id, it)));
      }
    }
    waiting.clear();
    if (unread) {
      unread = false;
      due.add(new Read());
    }
    return due;
  }

  /** A node says that it has revoked something, or it stands in Redis. */
  void heard(String id, String signed) {
    synchronized (this) {
      if (heard.containsKey(id)) {
        return;
      }
    }
    Optional<String> text = signatures.revocations().read(signed, ORIGIN, id);
    if (text.isPresent() && isNew(id, issued(text.get()))) {
      Messages.command(QueryString.decode(text.get()))
          .filter(RevocationRecords::isOne)
          .ifPresent(follow);
    }
  }

  /** Sessions that this process has are younger than it. */
  private synchronized boolean isNew(String id, long issued) {
    return heard.put(id, true) == null
        && !isOver(issued)
        && issued >= self.started() - Validity.CLOCKS.toMillis();
  }

  private boolean isOver(long issued) {
    return issued + window.toMillis() < millis.getAsLong();
  }

  private static long issued(String text) {
    return Replies.number(QueryString.decode(text).get(ISSUED));
  }

  private final class Written implements PendingCommand {
    private final String id;
    private final String signed;
    private @Nullable Response<Object> response;

    Written(String id, String signed) {
      this.id = id;
      this.signed = signed;
    }

    @Override
    public void queue(AbstractPipeline pipe) {
      String message = signatures.messages().toAll(Messages.revoked(id, signed)).orElse("");
      List<String> arguments =
          List.of(
              id,
              signed,
              Long.toString(window.toMillis()),
              Integer.toString(MOST),
              self.names().nodes(),
              message);
      response = pipe.eval(Scripts.REVOKE, List.of(self.names().revoked()), arguments);
    }

    @Override
    public void take() {
      Object unused = Replies.of(response);
    }

    @Override
    public void lost() {
      // After a failure everything is written again.
    }
  }

  private final class Read implements PendingCommand {
    private @Nullable Response<Map<String, String>> response;

    @Override
    public void queue(AbstractPipeline pipe) {
      response = pipe.hgetAll(self.names().revoked());
    }

    @Override
    public void take() {
      Replies.of(response).forEach(RevocationRecords.this::heard);
    }

    @Override
    public void lost() {
      unread();
    }
  }
}
