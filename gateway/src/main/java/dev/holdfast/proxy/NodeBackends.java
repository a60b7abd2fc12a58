package dev.holdfast.proxy;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.upstream.NodeDialer;
import dev.holdfast.upstream.NodeNetwork;
import java.util.Optional;

/** The other nodes as backends, identified by the sids that they issued. Thread-safe. */
public record NodeBackends(NodeNetwork network, NodeDialer dialer, NodeTrust trust) {
  /** Returns the node that issued this sid, if it is another node that can be reached. */
  Optional<Backend> of(String sid) {
    return network.issuerOf(sid).map(this::backend);
  }

  private Backend backend(NodeNetwork.Place place) {
    return new Backend(
        // A node that moves or restarts is another backend: connections and signatures are valid
        // for one incarnation at one address.
        place.start() + "@" + place.address(),
        client -> client.orElseGet(() -> Member.hostAndPort(place.address())),
        (thread, callback) -> dialer.connect(place.address(), thread, callback),
        // The other node rejects a request without a signature.
        Optional.of(signedRequest -> signedRequest.sign(trust, place.start()).orElse("-")));
  }
}
