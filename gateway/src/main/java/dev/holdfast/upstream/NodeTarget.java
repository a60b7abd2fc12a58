package dev.holdfast.upstream;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.cluster.SignedRequest;
import dev.holdfast.forwarding.Forwarding;
import java.nio.charset.StandardCharsets;
import org.xnio.XnioIoThread;

/** The Engine.IO endpoint of another node that a client is forwarded to; requests are signed. */
record NodeTarget(
    NodeDialer dialer,
    NodeTrust trust,
    NodeNetwork.Place place,
    Forwarding.Client client,
    String path)
    implements LinkHandshake.Target {
  @Override
  public void connect(XnioIoThread thread, ConnectCallback callback) {
    dialer.connect(place.address(), thread, callback);
  }

  @Override
  public byte[] request(String key) {
    String target = path + "?EIO=4&transport=websocket";
    String host = client.host().orElse("");
    SignedRequest signedRequest =
        new SignedRequest(
            "GET",
            target,
            new SignedRequest.Client(
                client.address(), client.trusted(), client.forwardedFor(), client.proto(), host));
    // The other node rejects a request without a signature.
    String seal = signedRequest.sign(trust, place.start()).orElse("-");
    String request =
        ("GET " + target + " HTTP/1.1\r\nHost: " + Member.hostAndPort(place.address()))
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
            + ("\r\nSec-WebSocket-Key: " + key)
            + ("\r\nX-Forwarded-For: " + client.forwardedFor())
            + ("\r\nX-Forwarded-Proto: " + client.proto())
            + (host.isEmpty() ? "" : "\r\nX-Forwarded-Host: " + host)
            + ("\r\n" + SignedRequest.HEADER + ": " + seal + "\r\n\r\n");
    return request.getBytes(StandardCharsets.ISO_8859_1);
  }
}
