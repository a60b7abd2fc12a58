package dev.holdfast.sessions;

import dev.holdfast.session.CloseReason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of this node by the tokens they presented, from CONNECT to their end: live, parked
 * and waiting for an upstream. Ends those whose token is no longer valid. Thread-safe.
 */
public final class TokenSessions {
  private static final Logger LOG = LoggerFactory.getLogger(TokenSessions.class);

  /**
   * How long revocations are remembered: a session may arrive from a node that has not received a
   * revocation that this one has.
   */
  private static final Duration ON_THE_WAY = Duration.ofSeconds(5);

  private static final int MOST_REMEMBERED = 1_000;

  private final LongSupplier clock;
  private final ConcurrentHashMap<TokenHash, Holders> byToken = new ConcurrentHashMap<>();
  private final Deque<Revoked> lately = new ArrayDeque<>();

  /** Lower bound for the next expiry; before it, no scan is necessary. */
  private final AtomicLong nextExpiry = new AtomicLong(Token.NEVER);

  /** The sessions of one token; guarded by its bin of the map. */
  private record Holders(Token token, Set<SessionEntry> sessions) {}

  private record Revoked(Predicate<Token> tokens, CloseReason reason, long at) {}

  /**
   * Creates an instance without sessions.
   *
   * @param clock a steady clock, in nanoseconds
   */
  public TokenSessions(LongSupplier clock) {
    this.clock = clock;
  }

  /** Adds a token of a session, different from its others. */
  public void given(Token token, SessionEntry entry) {
    byToken.compute(
        token.hash(),
        (hash, old) -> {
          Holders holders = old == null ? new Holders(token, new LinkedHashSet<>(2)) : old;
          holders.sessions().add(entry);
          return holders;
        });
    nextExpiry.accumulateAndGet(token.expires(), Math::min);
  }

  /** Adds a token of a session that another node has handed off; recent revocations apply to it. */
  public void adopted(Token token, SessionEntry entry) {
    given(token, entry);
    synchronized (lately) {
      forget();
      lately.stream()
          .filter(revoked -> revoked.tokens().test(token))
          .forEach(revoked -> entry.close(revoked.reason()));
    }
  }

  /** Removes a session that has ended. */
  public void left(Token token, SessionEntry entry) {
    byToken.computeIfPresent(
        token.hash(),
        (hash, holders) -> {
          holders.sessions().remove(entry);
          return holders.sessions().isEmpty() ? null : holders;
        });
  }

  /** Ends the sessions with this token, which was signed out. */
  public void signedOut(TokenHash hash) {
    remember(token -> token.hash().equals(hash), CloseReason.SIGNED_OUT);
    end(sessionsOf(hash), CloseReason.SIGNED_OUT, "a token was signed out");
  }

  /** Ends the sessions of this user, as named by verified tokens. */
  public void userChanged(String user) {
    Predicate<Token> ofUser = token -> user.equals(token.user());
    remember(ofUser, CloseReason.USER_CHANGED);
    List<SessionEntry> sessions = new ArrayList<>();
    byToken.forEach(
        (hash, holders) -> {
          if (ofUser.test(holders.token())) {
            sessions.addAll(sessionsOf(hash));
          }
        });
    end(sessions, CloseReason.USER_CHANGED, "user " + user + " was changed or deleted");
  }

  /** Ends the sessions whose token has expired; {@code now} in seconds since 1970. */
  public void endExpired(long now) {
    if (now < nextExpiry.get()) {
      return;
    }
    nextExpiry.set(Token.NEVER);
    List<SessionEntry> sessions = new ArrayList<>();
    byToken.forEach(
        (hash, holders) -> {
          long expires = holders.token().expires();
          if (expires <= now) {
            sessions.addAll(sessionsOf(hash));
          } else {
            nextExpiry.accumulateAndGet(expires, Math::min);
          }
        });
    end(sessions, CloseReason.EXPIRED, "tokens have expired");
  }

  /** Returns the number of tokens. */
  int size() {
    return byToken.size();
  }

  private List<SessionEntry> sessionsOf(TokenHash hash) {
    List<SessionEntry> sessions = new ArrayList<>();
    byToken.computeIfPresent(
        hash,
        (key, holders) -> {
          sessions.addAll(holders.sessions());
          return holders;
        });
    return sessions;
  }

  private static void end(Collection<SessionEntry> found, CloseReason reason, String why) {
    Set<SessionEntry> sessions = new LinkedHashSet<>(found);
    if (!sessions.isEmpty()) {
      LOG.info("{}; ending sessions: {}", why, sessions.size());
      sessions.forEach(each -> each.close(reason));
    }
  }

  private void remember(Predicate<Token> tokens, CloseReason reason) {
    synchronized (lately) {
      forget();
      lately.add(new Revoked(tokens, reason, clock.getAsLong()));
    }
  }

  private void forget() {
    long now = clock.getAsLong();
    while (lately.size() >= MOST_REMEMBERED
        || (!lately.isEmpty() && now - lately.getFirst().at() > ON_THE_WAY.toNanos())) {
      lately.removeFirst();
    }
  }
}
