package dev.holdfast.proxy;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeTrust;
import dev.holdfast.upstream.NodeDialer;
import dev.holdfast.upstream.NodeNetwork;
import java.util.Optional;

/** The other nodes as backends, by the sids that they gave out. Thread-safe. */
public record NodeBackends(NodeNetwork network, NodeDialer dialer, NodeTrust trust) {
  /** The node that gave out this sid, if it is another one that can be asked. */
  Optional<Backend> of(String sid) {
    return network.giverOf(sid).map(this::backend);
  }

  private Backend backend(NodeNetwork.Place place) {
    return new Backend(
        // One that moves or starts again is another backend: connections and signatures are for one
        // start at one place.
        place.start() + "@" + place.address(),
        client -> client.orElseGet(() -> Member.hostAndPort(place.address())),
        (thread, callback) -> dialer.connect(place.address(), thread, callback),
        // Without a key the other node refuses it.
        Optional.of(signedRequest -> signedRequest.sign(trust, place.start()).orElse("-")));
  }
}
