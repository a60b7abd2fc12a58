package dev.holdfast;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that are told theirs, start again at it, or are not to be there. They are below
 * those that the system gives to whoever asks for any, which other tests do thousands of times.
 */
public final class FreePort {
  /** Linux gives ports from 32768 on; the cluster bus of a Redis is 10000 above its port. */
  private static final int LOWEST = 10_000;

  private static final int COUNT = 10_000;

  private FreePort() {}

  /** A port that is free at every address. */
  public static int find() {
    while (true) {
      try (ServerSocket probe =
          new ServerSocket(LOWEST + ThreadLocalRandom.current().nextInt(COUNT))) {
        return probe.getLocalPort();
      } catch (BindException taken) {
        // Another one, then.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
