package dev.holdfast.cluster;

import java.util.List;
import java.util.Optional;

/**
 * The signed part of a request that a node forwards to another. Immutable.
 *
 * @param method of the request
 * @param target path and query
 * @param client what the forwarding node knows about the client
 */
public record SignedRequest(String method, String target, Client client) {
  /** The header of a request that was forwarded by a node. */
  public static final String HEADER = "X-Holdfast-Node";

  private static final int PARTS = 3;

  /** Returns all signed fields. */
  private List<String> said() {
    return List.of(
        method,
        target,
        client.trusted() ? "t" : "u",
        client.address(),
        client.forwardedFor(),
        client.proto(),
        client.host());
  }

  /**
   * Returns the value of {@link #HEADER}, {@code <t|u> <client address> <signature>}; empty until
   * the key is known.
   */
  public Optional<String> sign(NodeTrust trust, Incarnation to) {
    return trust
        .sign(to, said())
        .map(signature -> (client.trusted() ? "t " : "u ") + client.address() + " " + signature);
  }

  /**
   * Returns the client of a forwarded request; empty unless another node has signed exactly this
   * request, for this node, and never before.
   *
   * @param header value of {@link #HEADER}
   * @param asked the request as received, with what its own headers say about the client; address
   *     and trust are read from the signed header
   * @param origin where the request came from, for the log
   */
  public static Optional<Client> check(
      NodeTrust trust, String header, SignedRequest asked, String origin) {
    String[] parts = header.split(" ", PARTS);
    if (parts.length != PARTS) {
      trust.refused(RejectionLog.Reason.FORGED, origin);
      return Optional.empty();
    }
    Client said = asked.client();
    Client client =
        new Client(parts[1], parts[0].equals("t"), said.forwardedFor(), said.proto(), said.host());
    SignedRequest signedRequest = new SignedRequest(asked.method(), asked.target(), client);
    return trust.check(parts[2], signedRequest.said(), origin)
        ? Optional.of(client)
        : Optional.empty();
  }

  /**
   * The client of a request.
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
