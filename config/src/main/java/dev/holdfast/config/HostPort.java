package dev.holdfast.config;

import java.net.InetSocketAddress;

/** An address to listen on: {@code host:port}, IPv6 hosts in brackets. Port 0 takes a free one. */
public record HostPort(String host, int port) {
  /** Where this machine reaches what listens on it: what listens everywhere is here, too. */
  public HostPort fromHere() {
    String here =
        switch (host) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::" -> "::1";
          default -> host;
        };
    return new HostPort(here, port);
  }

  /** The same as an address that nothing has looked up. */
  public InetSocketAddress unresolved() {
    return InetSocketAddress.createUnresolved(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
