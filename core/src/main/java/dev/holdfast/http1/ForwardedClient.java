package dev.holdfast.http1;

import dev.holdfast.memory.Quotas.Peer;
import java.util.Optional;

/**
 * The client of a request, and the headers that describe it to an upstream.
 *
 * @param address the client's address: the peer's, or the one that trusted proxies report
 * @param peer whose quota this client counts against
 * @param trusted whether a trusted proxy has sent the request
 * @param forwardedFor value for {@code X-Forwarded-For}
 * @param proto value for {@code X-Forwarded-Proto}
 * @param host value for {@code X-Forwarded-Host}, if the request names a host
 */
public record ForwardedClient(
    String address,
    Peer peer,
    boolean trusted,
    String forwardedFor,
    String proto,
    Optional<String> host) {}
