package dev.holdfast.config;

/** An address to listen on: {@code host:port}, IPv6 hosts in brackets. Port 0 takes a free one. */
public record HostPort(String host, int port) {
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
