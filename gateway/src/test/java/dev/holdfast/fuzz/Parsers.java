package dev.holdfast.fuzz;

import dev.holdfast.admin.AdminParsers;
import dev.holdfast.cluster.ClusterParsers;
import dev.holdfast.edge.EdgeParsers;
import dev.holdfast.openwebui.OpenWebUiParsers;
import dev.holdfast.protocol.HttpParsers;
import dev.holdfast.protocol.ProtocolParsers;
import dev.holdfast.proxy.ProxyParsers;
import dev.holdfast.redis.RedisParsers;
import dev.holdfast.session.SessionParsers;
import dev.holdfast.upstream.UpstreamParsers;
import dev.holdfast.wire.WireParsers;
import java.util.List;
import java.util.stream.Stream;

/** Every parser of bytes that clients, upstreams, other nodes and writers to Redis send. */
final class Parsers {
  private Parsers() {}

  static List<Parser> all() {
    return Stream.of(
            ProtocolParsers.all(),
            HttpParsers.all(),
            WireParsers.all(),
            EdgeParsers.all(),
            SessionParsers.all(),
            OpenWebUiParsers.all(),
            UpstreamParsers.all(),
            ProxyParsers.all(),
            AdminParsers.all(),
            ClusterParsers.all(),
            RedisParsers.all())
        .flatMap(List::stream)
        .toList();
  }
}
