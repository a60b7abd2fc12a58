package dev.holdfast.config;

import java.time.Duration;
import java.util.List;

/** What Holdfast changes for Open WebUI's page. */
public final class OpenWebUiKeys {
  static final Section KEYS = new Section("Networks without WebSocket");

  /** Which clients begin with polling. */
  public enum Use {
    AUTO,
    ON,
    OFF
  }

  public static final Key<Use> POLLING_FALLBACK =
      KEYS.key("openwebui.polling-fallback", Kinds.constant(Use.class), "auto")
          .because(
              "Whose page is told to begin with polling: `auto`, clients whose network lets no WebSocket through, as far as"
                  + " that is noticed, and `openwebui.polling-networks`; `on`, all; `off`, none. Open WebUI's page tries"
                  + " nothing but WebSocket by itself.");

  public static final Key<List<String>> POLLING_NETWORKS =
      KEYS.key("openwebui.polling-networks", Addresses.block().list(","), "")
          .because(
              "Networks that are known to let no WebSocket through; with `auto`, their clients are told to poll from the first page on.");

  public static final Key<Duration> POLLING_WAIT =
      KEYS.key("openwebui.polling-wait", Kinds.duration("1s", "10m"), "15s")
          .because(
              "How long a page may take from loading its configuration to its Socket.IO handshake; after two in a row without one, the client is told to poll. Longer if pages load slowly.");

  public static final Key<Duration> POLLING_MEMORY =
      KEYS.key("openwebui.polling-memory", Kinds.duration("1s", "30d"), "1d")
          .because(
              "How long a client is told to poll after its network was last seen to let no WebSocket through.");

  public static final Key<Integer> POLLING_CLIENTS =
      KEYS.key("openwebui.polling-clients", Kinds.count(1, 1_000_000), "10000")
          .because(
              "Clients that are remembered for it, some 150 bytes each; beyond that the one unseen for longest is forgotten, and of an address with 100 of them its own.");

  private OpenWebUiKeys() {}
}
