package dev.holdfast.proxy;

import dev.holdfast.config.Settings;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;

/** What a listener of Undertow needs so that requests can be passed on as they came. */
public final class ServerOptions {
  /** A request line and headers must arrive within this, or the connection is closed. */
  private static final int PARSE_TIMEOUT_MILLIS = 30_000;

  /** A kept-alive connection without a request is closed after this. */
  private static final int IDLE_TIMEOUT_MILLIS = 75_000;

  private static final int MAX_HEADERS = 500;
  private static final int MAX_PARAMETERS = 100_000;

  private ServerOptions() {}

  /** Sets them; the rest of the builder is left alone. */
  public static Undertow.Builder apply(Undertow.Builder builder, Settings settings) {
    return builder
        .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
        .setServerOption(UndertowOptions.MAX_HEADER_SIZE, settings.limits().headerBytes())
        .setServerOption(UndertowOptions.MAX_HEADERS, MAX_HEADERS)
        .setServerOption(UndertowOptions.MAX_PARAMETERS, MAX_PARAMETERS)
        .setServerOption(UndertowOptions.DECODE_URL, false)
        .setServerOption(UndertowOptions.ALLOW_UNESCAPED_CHARACTERS_IN_URL, true)
        .setServerOption(UndertowOptions.BUFFER_PIPELINED_DATA, false)
        .setServerOption(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
        .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, PARSE_TIMEOUT_MILLIS)
        .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_TIMEOUT_MILLIS);
  }
}
