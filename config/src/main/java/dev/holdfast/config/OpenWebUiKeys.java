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
              "Whose page should start with polling. `auto`: clients found behind a network that blocks WebSockets, and "
                  + "`openwebui.polling-networks`; `on`: all; `off`: none. By itself, Open WebUI's page tries only WebSocket.");

  public static final Key<List<String>> POLLING_NETWORKS =
      KEYS.key("openwebui.polling-networks", Addresses.block().list(","), "")
          .because(
              "Networks known to block WebSockets. With `auto`, their clients poll from the first page load on.");

  public static final Key<Duration> POLLING_WAIT =
      KEYS.key("openwebui.polling-wait", Kinds.duration("1s", "10m"), "15s")
          .because(
              "How long a page may take from loading its configuration to its Socket.IO handshake. After two consecutive "
                  + "pages without one, the client polls. Raise it if pages load slowly.");

  public static final Key<Duration> POLLING_MEMORY =
      KEYS.key("openwebui.polling-memory", Kinds.duration("1s", "30d"), "1d")
          .because("How long a client polls after its network was last found to block WebSockets.");

  public static final Key<Integer> POLLING_CLIENTS =
      KEYS.key("openwebui.polling-clients", Kinds.count(1, 1_000_000), "10000")
          .because(
              "Number of clients tracked for this, at some 150 bytes each. Beyond it the least recently seen one is "
                  + "forgotten; an address with 100 of them displaces its own.");

  private OpenWebUiKeys() {}
}
