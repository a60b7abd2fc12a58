package dev.holdfast.proxy;

import dev.holdfast.config.Settings;
import io.undertow.UndertowOptions;
import org.xnio.OptionMap;

/** What a listener of Undertow needs so that requests can be passed on as they came. */
public final class ServerOptions {
  /** A request line and headers must arrive within this, or the connection is closed. */
  private static final int PARSE_TIMEOUT_MILLIS = 30_000;

  /** A kept-alive connection without a request is closed after this. */
  private static final int IDLE_TIMEOUT_MILLIS = 75_000;

  private static final int MAX_HEADERS = 500;
  private static final int MAX_PARAMETERS = 100_000;

  private ServerOptions() {}

  /** These options, to which others may be added. */
  public static OptionMap.Builder of(Settings settings) {
    return OptionMap.builder()
        .set(UndertowOptions.MAX_ENTITY_SIZE, -1L)
        .set(UndertowOptions.MAX_HEADER_SIZE, settings.limits().headerBytes())
        .set(UndertowOptions.MAX_HEADERS, MAX_HEADERS)
        .set(UndertowOptions.MAX_PARAMETERS, MAX_PARAMETERS)
        .set(UndertowOptions.DECODE_URL, false)
        .set(UndertowOptions.ALLOW_UNESCAPED_CHARACTERS_IN_URL, true)
        .set(UndertowOptions.BUFFER_PIPELINED_DATA, false)
        .set(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
        .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, PARSE_TIMEOUT_MILLIS)
        .set(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_TIMEOUT_MILLIS);
  }
}
