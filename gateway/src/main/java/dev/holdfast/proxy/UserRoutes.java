package dev.holdfast.proxy;

import dev.holdfast.forwarding.Identity;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.Upstreams;
import io.undertow.util.HeaderMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Routes the requests of a user to the upstream of the user's sessions, or else by a hash of the
 * user id or, without one, of the client's address. Thread-safe.
 */
public final class UserRoutes implements Routes {
  private final Upstreams upstreams;
  private final Identity identity;
  private final Affinity affinity;
  private final Map<Upstream, Backend> backends;

  /** Knows which upstream a user's sessions use. */
  @FunctionalInterface
  public interface Affinity {
    /** Returns the upstream that this user's sessions are linked to, if there are any. */
    Optional<Upstream> upstreamOf(String userId);
  }

  public UserRoutes(Upstreams upstreams, Identity identity, Affinity affinity) {
    this.upstreams = upstreams;
    this.identity = identity;
    this.affinity = affinity;
    this.backends =
        upstreams.all().stream().collect(Collectors.toMap(Function.identity(), Backend::of));
  }

  @Override
  public Optional<Backend> route(HeaderMap headers, String clientAddress) {
    if (backends.size() == 1) {
      return upstreams.choose(clientAddress).map(backends::get);
    }
    Optional<String> user = identity.userOf(headers);
    return user.flatMap(affinity::upstreamOf)
        .filter(Upstream::healthy)
        .or(() -> upstreams.choose(user.orElse(clientAddress)))
        .map(backends::get);
  }

  @Override
  public Optional<String> verifiedUser(HeaderMap headers) {
    return identity.isVerifying() ? identity.userOf(headers) : Optional.empty();
  }
}
