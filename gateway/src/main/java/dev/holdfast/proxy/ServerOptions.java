package dev.holdfast.proxy;

import dev.holdfast.config.ProxyKeys;
import dev.holdfast.config.Settings;
import io.undertow.UndertowOptions;
import org.xnio.OptionMap;

/** The Undertow listener options that forwarding requests unchanged requires. */
public final class ServerOptions {
  private ServerOptions() {}

  /** Returns the options, with the configured idle time of client connections. */
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
