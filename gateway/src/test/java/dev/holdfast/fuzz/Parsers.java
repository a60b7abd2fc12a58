package dev.holdfast.fuzz;

import dev.holdfast.admin.AdminParsers;
import dev.holdfast.cluster.ClusterParsers;
import dev.holdfast.engineio.EngineParsers;
import dev.holdfast.forwarding.ForwardingParsers;
import dev.holdfast.http1.HttpParsers;
import dev.holdfast.openwebui.OpenWebUiParsers;
import dev.holdfast.protocol.ProtocolParsers;
import dev.holdfast.proxy.ProxyParsers;
import dev.holdfast.redis.RedisParsers;
import dev.holdfast.session.SessionParsers;
import dev.holdfast.sessions.ConnectParsers;
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
            ForwardingParsers.all(),
            EngineParsers.all(),
            ConnectParsers.all(),
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
