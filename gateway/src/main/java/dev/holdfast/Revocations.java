package dev.holdfast;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.Commands;
import dev.holdfast.config.ProxyKeys;
import dev.holdfast.openwebui.AccountRoutes;
import dev.holdfast.proxy.ExchangeObserver;
import dev.holdfast.sessions.SessionService;
import dev.holdfast.sessions.TokenHash;
import dev.holdfast.sessions.TokenSessions;
import dev.holdfast.time.EventLoop;
import dev.holdfast.time.WallClock;
import java.time.Duration;

/**
 * Reports revoked and expired tokens to {@link TokenSessions}, which ends their sessions, here and
 * on the other nodes. Those receive the hash of the token. Thread-safe.
 */
final class Revocations implements AccountRoutes.Sessions {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private final TokenSessions sessions;
  private final Commands nodes;

  private Revocations(TokenSessions sessions, Commands nodes) {
    this.sessions = sessions;
    this.nodes = nodes;
  }

  /**
   * Starts to check for expired tokens and to receive revocations, unless {@code
   * auth.revoke-sessions} is off. The returned observer must see the responses of upstreams.
   */
  static ExchangeObserver start(SessionService.Shared shared, EventLoop loop) {
    if (!shared.settings().get(ProxyKeys.REVOKE_SESSIONS)) {
      return ExchangeObserver.NONE;
    }
    Commands nodes = shared.cluster().commands();
    Revocations revocations = new Revocations(shared.registry().tokens(), nodes);
    nodes.onCommand(revocations::take);
    revocations.look(loop);
    return new AccountRoutes(revocations);
  }

  private void look(EventLoop loop) {
    var unused = loop.after(BETWEEN_LOOKS, () -> look(loop));
    sessions.endExpired(WallClock.seconds());
  }

  private void take(Command command) {
    if (command instanceof Command.RevokeToken revoke) {
      sessions.signedOut(TokenHash.parse(revoke.hash()));
    } else if (command instanceof Command.RevokeUser revoke) {
      sessions.userChanged(revoke.user());
    }
  }

  @Override
  public void signedOut(String token) {
    TokenHash hash = TokenHash.of(token);
    // Sessions here end at once, even if the command does not reach Redis.
    sessions.signedOut(hash);
    nodes.sendAll(new Command.RevokeToken(hash.toString()));
  }

  @Override
  public void userChanged(String user) {
    sessions.userChanged(user);
    nodes.sendAll(new Command.RevokeUser(user));
  }
}
