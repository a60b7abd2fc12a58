package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import io.undertow.UndertowOptions;
import org.xnio.OptionMap;

/** What a listener of Undertow needs so that requests can be passed on as they came. */
public final class ServerOptions {
  private ServerOptions() {}

  /** These options, for connections that are kept without a request as the settings say. */
  public static OptionMap of(Settings settings) {
    return OptionMap.builder()
        .set(UndertowOptions.MAX_ENTITY_SIZE, -1L)
        .set(UndertowOptions.BUFFER_PIPELINED_DATA, false)
        .set(UndertowOptions.ALWAYS_SET_KEEP_ALIVE, false)
        .set(
            UndertowOptions.NO_REQUEST_TIMEOUT,
            (int) settings.get(ProxyKeys.CLIENT_KEEP_ALIVE).toMillis())
        .getMap();
  }
}
