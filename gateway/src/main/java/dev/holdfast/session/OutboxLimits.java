package dev.holdfast.session;

import java.time.Duration;

/**
 * The limits of an outbox ({@code resume.*}). Sizes are in bytes.
 *
 * @param bytes maximum of all bytes kept
 * @param events maximum number of unconfirmed events
 * @param unsent unsent bytes above which reads of the link are paused
 * @param ackAfter unconfirmed bytes above which the client is pinged early
 * @param kept maximum of confirmed bytes that are kept
 * @param keptTime how long confirmed bytes are kept
 */
public record OutboxLimits(
    long bytes, long events, long unsent, long ackAfter, long kept, Duration keptTime) {}
