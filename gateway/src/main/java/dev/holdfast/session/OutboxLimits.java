package dev.holdfast.session;

import java.time.Duration;

/**
 * Bounds of an outbox ({@code resume.*}); sizes in bytes.
 *
 * @param bytes of all that is kept
 * @param events that wait to be confirmed
 * @param unsent before the link is not read
 * @param ackAfter unconfirmed, after which the client is pinged early
 * @param kept of what stays for a while after it was confirmed
 * @param keptTime for how long
 */
public record OutboxLimits(
    long bytes, long events, long unsent, long ackAfter, long kept, Duration keptTime) {}
