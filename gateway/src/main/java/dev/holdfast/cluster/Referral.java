package dev.holdfast.cluster;

/**
 * A request that a node sends on to another, as far as the other has to take its word for it.
 * Immutable.
 *
 * @param method of the request
 * @param target path and query
 * @param client what the first node knows about the client
 */
public record Referral(String method, String target, Client client) {
  /**
   * Who a request comes from.
   *
   * @param address of the client
   * @param trusted whether it came through a trusted proxy
   * @param forwardedFor value of {@code X-Forwarded-For}
   * @param proto value of {@code X-Forwarded-Proto}
   * @param host value of {@code X-Forwarded-Host}; empty if there is none
   */
  public record Client(
      String address, boolean trusted, String forwardedFor, String proto, String host) {}
}
