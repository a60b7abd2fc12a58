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
 * Revoked tokens and users. Redis keeps them, so that each node processes each of them once, even
 * if it or the revoking node was disconnected at the time. Those of this node are also kept in
 * memory and rewritten after Redis has lost them. Thread-safe.
 */
final class RevocationRecords {
  /** Limit for Redis and for this node's own records; the oldest are dropped. */
  private static final int MOST = 4096;

  /** Number of processed revocations that are remembered; more than Redis can hold. */
  private static final int MOST_RECEIVED = 2 * MOST;

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
  private final Map<String, Boolean> received = bounded(MOST_RECEIVED);
  private boolean unread = true;
  private long number;

  /**
   * @param window how long they are kept
   * @param millis the wall clock, in milliseconds since 1970
   * @param follow receives the revocations of other nodes
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

  /** Returns whether a command is a revocation, which other nodes must receive even if late. */
  static boolean isRevocation(Command command) {
    return command instanceof Command.RevokeToken || command instanceof Command.RevokeUser;
  }

  /** Records a revocation by this node. */
  void put(Command command) {
    Map<String, String> values = new LinkedHashMap<>(Messages.words(command));
    values.put(ISSUED, Long.toString(millis.getAsLong()));
    synchronized (this) {
      String id = self.incarnation() + "-" + ++number;
      own.put(id, QueryString.encode(values));
      received.put(id, true);
      waiting.add(id);
    }
    wakeup.now();
  }

  /** Schedules all records to be written again, because Redis may have lost them. */
  synchronized void rewrite() {
    own.values().removeIf(text -> isOver(issued(text)));
    waiting.addAll(own.keySet());
  }

  /** Schedules a read, because messages may have been missed. */
  void scheduleRead() {
    synchronized (this) {
      unread = true;
    }
    wakeup.now();
  }

  /** Returns the commands to send now. */
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

  /** Called for each revocation that is published by a node or read from Redis. */
  void received(String id, String signed) {
    synchronized (this) {
      if (received.containsKey(id)) {
        return;
      }
    }
    Optional<String> text = signatures.revocations().read(signed, ORIGIN, id);
    if (text.isPresent() && isNew(id, issued(text.get()))) {
      Messages.command(QueryString.decode(text.get()))
          .filter(RevocationRecords::isRevocation)
          .ifPresent(follow);
    }
  }

  /** Ignores revocations from before this process started; its sessions are younger. */
  private synchronized boolean isNew(String id, long issued) {
    return received.put(id, true) == null
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
    public void complete() {
      Object unused = Replies.of(response);
    }

    @Override
    public void failed() {
      // A failure triggers a full rewrite.
    }
  }

  private final class Read implements PendingCommand {
    private @Nullable Response<Map<String, String>> response;

    @Override
    public void queue(AbstractPipeline pipe) {
      response = pipe.hgetAll(self.names().revoked());
    }

    @Override
    public void complete() {
      Replies.of(response).forEach(RevocationRecords.this::received);
    }

    @Override
    public void failed() {
      scheduleRead();
    }
  }
}
