package dev.holdfast.upstream;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.http1.ForwardedClient;
import java.nio.charset.StandardCharsets;

/** The signed handshake that forwards a client to another node's Engine.IO endpoint. */
record NodeLinkRequest(
    NodeTrust trust, NodeNetwork.Place place, ForwardedClient client, String path) {
  /** Encodes the handshake request. */
  byte[] encode(String key) {
    String target = path + "?EIO=4&transport=websocket";
    String host = client.host().orElse("");
    SignedRequest signedRequest =
        new SignedRequest(
            "GET",
            target,
            new SignedRequest.Client(
                client.address(), client.trusted(), client.forwardedFor(), client.proto(), host));
    // The other node rejects a request without a signature.
    String signature = signedRequest.sign(trust, place.start()).orElse("-");
    String request =
        ("GET " + target + " HTTP/1.1\r\nHost: " + Member.hostAndPort(place.address()) + "\r\n")
            + LinkRequest.upgrade(key)
            + ("X-Forwarded-For: " + client.forwardedFor())
            + ("\r\nX-Forwarded-Proto: " + client.proto())
            + (host.isEmpty() ? "" : "\r\nX-Forwarded-Host: " + host)
            + ("\r\n" + SignedRequest.HEADER + ": " + signature + "\r\n\r\n");
    return request.getBytes(StandardCharsets.ISO_8859_1);
  }
}
