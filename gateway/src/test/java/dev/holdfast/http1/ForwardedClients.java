package dev.holdfast.http1;

import dev.holdfast.memory.Quotas.Peer;
import java.util.Optional;

/** Clients that connect without a proxy. */
public final class ForwardedClients {
  private ForwardedClients() {}

  /** The one at this address, which may be any text. */
  public static ForwardedClient at(String address) {
    return new ForwardedClient(
        address, Peer.ofUser(address), false, address, "http", Optional.of("host"));
  }
}
