package dev.holdfast.proxy;

import io.undertow.UndertowOptions;
import org.xnio.OptionMap;

/** What a listener of Undertow needs so that requests can be passed on as they came. */
public final class ServerOptions {
  /** A kept-alive connection without a request is closed after this. */
  private static final int IDLE_TIMEOUT_MILLIS = 75_000;

  private static final int MAX_PARAMETERS = 100_000;

  private ServerOptions() {}

  /** These options. */
  public static OptionMap of() {
    return OptionMap.builder()
        .set(UndertowOptions.MAX_ENTITY_SIZE, -1L)
        .set(UndertowOptions.MAX_PARAMETERS, MAX_PARAMETERS)
        .set(UndertowOptions.DECODE_URL, false)
        .set(UndertowOptions.ALLOW_UNESCAPED_CHARACTERS_IN_URL, true)
        .set(UndertowOptions.BUFFER_PIPELINED_DATA, false)
        .set(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
        .set(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_TIMEOUT_MILLIS)
        .getMap();
  }
}
