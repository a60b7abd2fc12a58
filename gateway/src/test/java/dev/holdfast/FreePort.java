package dev.holdfast;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports for servers that need a fixed one: to be configured, to restart on it, or never to
 * start. They lie below the ephemeral range, of which other tests use thousands.
 */
public final class FreePort {
  /** Linux's ephemeral range begins at 32768; a Redis' cluster bus is 10000 above its port. */
  private static final int LOWEST = 10_000;

  private static final int COUNT = 10_000;

  private FreePort() {}

  /** Returns a port that is free on every address. */
  public static int find() {
    while (true) {
      try (ServerSocket probe =
          new ServerSocket(LOWEST + ThreadLocalRandom.current().nextInt(COUNT))) {
        return probe.getLocalPort();
      } catch (BindException taken) {
        // Try another one.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
