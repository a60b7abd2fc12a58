package dev.holdfast.redis;

import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Roster;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;

/**
 * Says at each beat that this node is there, and learns who else is. Finds out that Redis has lost
 * what this node wrote, by comparing. Its beats are the writer's; the rest is thread-safe.
 */
final class Registration {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  private static final int KEY_BYTES = 32;
  private static final int NODES = 4;

  private final Self self;
  private final String version;
  private final OwnSessions sessions;
  private final Roster roster;
  private final Others others;
  private final boolean makesKey;
  private volatile @Nullable String key;
  private volatile @Nullable InetSocketAddress address;
  private volatile boolean draining;
  private volatile boolean announce;
  private final Queue<NodeId> gone = new ConcurrentLinkedQueue<>();
  private boolean registered;
  private boolean namesake;

  Registration(
      Self self, Optional<String> secret, OwnSessions sessions, Roster roster, Others others) {
    this.self = self;
    this.sessions = sessions;
    this.roster = roster;
    this.others = others;
    this.makesKey = secret.isEmpty();
    this.key = secret.orElse(null);
    this.version =
        Optional.ofNullable(Registration.class.getPackage().getImplementationVersion())
            .orElse("development");
  }

  void join(InetSocketAddress advertised) {
    address = advertised;
    announce = true;
  }

  boolean joined() {
    return address != null;
  }

  void drain() {
    draining = true;
    announce = true;
  }

  Optional<byte[]> key() {
    return Optional.ofNullable(key).map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /** Beats have failed, or may have come too late. */
  void disturbed() {
    roster.disturbed();
  }

  /** A node has said that it goes. */
  void gone(NodeId node) {
    gone.add(node);
  }

  /** The beat, and what others should hear with it. */
  List<Exchange> beat() {
    for (NodeId each = gone.poll(); each != null; each = gone.poll()) {
      roster.left(each);
    }
    Exchange beat = makeBeat();
    if (!announce) {
      return List.of(beat);
    }
    announce = false;
    return List.of(beat, new Publication(self.names(), Messages.joined(self)));
  }

  private Exchange makeBeat() {
    InetSocketAddress advertised = address;
    if (advertised == null) {
      throw new IllegalStateException("a node beats after it has joined");
    }
    return new Beat(
        new Member(self.id(), self.incarnation(), advertised, version, draining, sessions.size()));
  }

  /** The key that all nodes will have if none of them has one yet; it stays the same. */
  private String proposal() {
    if (!makesKey) {
      return "";
    }
    String known = key;
    if (known == null) {
      byte[] random = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(random);
      return Base64.getEncoder().encodeToString(random);
    }
    return known;
  }

  private void heard(List<?> reply, OwnSessions.Written expected) {
    String secret = Replies.text(reply.get(0));
    if (!secret.isEmpty()) {
      key = secret;
    }
    compare(Replies.text(reply.get(1)), reply, expected);
    List<Member> members = new ArrayList<>();
    List<Long> revs = new ArrayList<>();
    for (Object each : reply.subList(NODES, reply.size())) {
      List<?> node = Replies.list(each);
      Map<String, String> fields = Replies.map(node.get(1));
      Records.node(Replies.text(node.get(0)), fields)
          .ifPresent(
              member -> {
                members.add(member);
                revs.add(Replies.number(fields.get("rev")));
              });
    }
    roster.seen(members);
    for (int i = 0; i < members.size(); i++) {
      others.seen(members.get(i), revs.get(i));
    }
  }

  private void compare(String before, List<?> reply, OwnSessions.Written expected) {
    boolean mine = before.equals(self.incarnation());
    if (registered && !mine && !before.isEmpty() && !namesake) {
      namesake = true;
      LOG.error("another node is called {}, too: give each its own node.id", self.id());
    }
    boolean lost = registered && !mine;
    registered = true;
    if (lost) {
      registerAgain();
    }
    long rev = Replies.number(reply.get(2));
    long length = Replies.number(reply.get(3));
    if (lost || (expected.rev() > 0 && !expected.equals(new OwnSessions.Written(rev, length)))) {
      sessions.rewrite();
    }
  }

  /** Nodes that joined meanwhile have not heard of this one. */
  private void registerAgain() {
    disturbed();
    announce = true;
  }

  /** Says that this node goes. */
  Exchange leave() {
    return new Leave();
  }

  private final class Beat implements Exchange {
    private final Member member;
    private final OwnSessions.Written expected = sessions.written();
    private @Nullable Response<Object> response;

    Beat(Member member) {
      this.member = member;
    }

    @Override
    public void queue(AbstractPipeline pipe) {
      Names names = self.names();
      NodeId id = self.id();
      List<String> arguments = new ArrayList<>();
      arguments.add(names.base());
      arguments.add(id.value());
      arguments.add(self.incarnation());
      arguments.add(self.expiryMillis());
      arguments.add(proposal());
      arguments.addAll(Records.fields(member, expected.rev()));
      response =
          pipe.eval(
              Scripts.BEAT,
              List.of(names.nodes(), names.node(id), names.sessions(id), names.key()),
              arguments);
    }

    @Override
    public void take() {
      heard(Replies.list(Replies.of(response)), expected);
    }

    @Override
    public void lost() {
      registerAgain();
    }
  }

  private final class Leave implements Exchange {
    @Override
    public void queue(AbstractPipeline pipe) {
      Names names = self.names();
      NodeId id = self.id();
      var unused =
          pipe.eval(
              Scripts.LEAVE,
              List.of(names.nodes(), names.node(id), names.sessions(id)),
              List.of(id.value(), self.incarnation(), names.nodes(), Messages.left(self)));
    }

    @Override
    public void take() {}

    @Override
    public void lost() {}
  }
}
