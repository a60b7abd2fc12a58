package dev.holdfast.redis;

import dev.holdfast.cluster.SessionRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;

/** Writes sessions of this node and notifies the other nodes. Confined to the writer. */
final class Flush implements PendingCommand {
  private static final long NOT_THERE = -1;

  private final Self self;
  private final LocalSessions sessions;
  private final Signatures signatures;
  private final long rev;
  private final boolean reset;
  private final Notification notification;
  private final List<String> over = new ArrayList<>();
  private final List<String> records = new ArrayList<>();
  private final StringBuilder changes = new StringBuilder();
  private @Nullable Response<Object> response;

  /** What the notification to other nodes contains. */
  enum Notification {
    NONE,
    CHANGES,
    REREAD
  }

  Flush(
      Self self,
      LocalSessions sessions,
      Signatures signatures,
      long rev,
      boolean reset,
      Notification notification) {
    this.signatures = signatures;
    this.self = self;
    this.sessions = sessions;
    this.rev = rev;
    this.reset = reset;
    this.notification = notification;
  }

  void add(String id, @Nullable SessionRecord session) {
    if (session == null) {
      over.add(id);
      changes.append("\n-").append(id);
    } else {
      String text = Records.text(session);
      signatures
          .sessions()
          .sign(self.start(), id, session)
          .ifPresent(
              signed -> {
                records.add(id);
                records.add(signed);
              });
      changes.append("\n+").append(id).append(' ').append(text);
    }
  }

  private String message() {
    return switch (notification) {
      case NONE -> "";
      case CHANGES -> signed(Messages.sessions(self, rev, changes.toString()));
      case REREAD -> signed(Messages.reread(self, rev));
    };
  }

  /** Without a key no message is published; other nodes notice the change at their next beat. */
  private String signed(String message) {
    return signatures.messages().toAll(message).orElse("");
  }

  @Override
  public void queue(AbstractPipeline pipe) {
    List<String> arguments = new ArrayList<>();
    arguments.add(self.incarnation());
    arguments.add(Long.toString(rev));
    arguments.add(self.expiryMillis());
    arguments.add(self.names().nodes());
    arguments.add(message());
    arguments.add(reset ? "1" : "0");
    arguments.add(Integer.toString(over.size()));
    arguments.addAll(over);
    arguments.addAll(records);
    response = pipe.eval(Scripts.FLUSH, List.of(self.names().sessions(self.id())), arguments);
  }

  @Override
  public void complete() {
    long length = Replies.number(Replies.of(response));
    if (length == NOT_THERE) {
      sessions.rewrite();
    } else {
      sessions.written(new LocalSessions.Written(rev, length));
      if (notification == Notification.REREAD) {
        sessions.allWritten();
      }
    }
  }

  @Override
  public void failed() {
    sessions.rewrite();
  }
}
