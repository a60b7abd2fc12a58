package dev.holdfast.redis;

import dev.holdfast.cluster.Incarnation;
import dev.holdfast.cluster.Member;
import dev.holdfast.cluster.Membership;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Validity;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
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
import redis.clients.jedis.params.SetParams;

/**
 * Registers this node at each beat and learns which others exist. Detects by comparison that Redis
 * has lost what this node wrote. Beats are confined to the writer; the rest is thread-safe.
 */
final class Registration {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  private static final int KEY_BYTES = 32;
  private static final int NODES = 4;
  private static final int NODE_PARTS = 3;

  private final Self self;
  private final String version;
  private final LocalSessions sessions;
  private final Membership membership;
  private final RemoteSessionReader others;
  private final SigningKeys secrets;
  private final Signatures signatures;
  private final Clocks clocks;
  private volatile @Nullable InetSocketAddress address;
  private volatile boolean draining;
  private volatile boolean announce;
  private final Queue<NodeId> gone = new ConcurrentLinkedQueue<>();
  private long issued;
  private boolean registered;
  private boolean namesake;

  Registration(
      Self self,
      Signatures signatures,
      Clocks clocks,
      LocalSessions sessions,
      Membership membership,
      RemoteSessionReader others) {
    this.self = self;
    this.signatures = signatures;
    this.secrets = signatures.secrets();
    this.clocks = clocks;
    this.sessions = sessions;
    this.membership = membership;
    this.others = others;
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

  /** Returns whether the key is known; until then beats request it. */
  boolean hasKey() {
    return secrets.keys().isPresent();
  }

  /** Returns whether a beat has succeeded, so that the other nodes are known. */
  boolean registered() {
    return registered;
  }

  /** Called when beats have failed or may have been late. */
  void disturbed() {
    membership.disturbed();
  }

  /** Called when a node has announced that it leaves. */
  void left(Incarnation start) {
    signatures.registrations().left(start);
    gone.add(start.node());
  }

  /** Returns the commands of a beat, with messages to other nodes. */
  List<PendingCommand> beat() {
    for (NodeId each = gone.poll(); each != null; each = gone.poll()) {
      membership.left(each);
    }
    InetSocketAddress advertised = address;
    if (advertised == null) {
      throw new IllegalStateException("beat before join");
    }
    Member member =
        new Member(self.id(), self.incarnation(), advertised, version, draining, sessions.size());
    LocalSessions.Written expected = sessions.written();
    // A clock that is set back must not make this registration look older than the last one.
    issued = Math.max(issued, signatures.registrations().now());
    Validity validity = Validity.from(issued, self.expiry());
    RegistrationRecord record =
        new RegistrationRecord(member, expected.rev(), self.started(), validity);
    Optional<String> signed = signatures.registrations().sign(record);
    if (signed.isEmpty()) {
      return List.of(new KeyRequest());
    }
    List<PendingCommand> due = new ArrayList<>(List.of(new Beat(signed.get(), expected)));
    if (announce) {
      announce = false;
      signatures
          .messages()
          .toAll(Messages.joined(self))
          .ifPresent(message -> due.add(Publication.toAll(self.names(), message)));
    }
    return due;
  }

  /** Returns the key to store if Redis has none yet; the same each time once it is known. */
  private String proposal() {
    return secrets.useKept() ? secrets.kept().orElseGet(Registration::newKey) : "";
  }

  private static String newKey() {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getEncoder().encodeToString(random);
  }

  /** Processes the reply to a beat. */
  private void replied(List<?> reply, LocalSessions.Written expected) {
    String secret = Replies.text(reply.get(0));
    if (!secret.isEmpty()) {
      secrets.kept(secret);
    }
    compare(Replies.text(reply.get(1)), reply, expected);
    List<RegistrationRecord> seen = verified(reply.subList(NODES, reply.size()));
    membership.seen(seen.stream().map(RegistrationRecord::member).toList());
    seen.forEach(record -> others.seen(record.member(), record.rev()));
  }

  /** Returns the registrations that are validly signed and current. */
  private List<RegistrationRecord> verified(List<?> nodes) {
    RegistrationTrust trust = signatures.registrations();
    List<RegistrationRecord> verified = new ArrayList<>();
    Map<NodeId, Long> ahead = new HashMap<>();
    for (Object each : nodes) {
      List<?> node = Replies.list(each);
      if (node.size() == NODE_PARTS) {
        Optional<RegistrationRecord> genuine =
            trust.read(Replies.text(node.get(0)), Replies.text(node.get(1)));
        long age = Replies.number(node.get(2));
        genuine.ifPresent(
            it -> ahead.put(it.member().id(), it.validity().issued() + age - trust.now()));
        genuine.filter(trust::isCurrent).ifPresent(verified::add);
      }
    }
    clocks.seen(ahead);
    return verified;
  }

  private void compare(String before, List<?> reply, LocalSessions.Written expected) {
    boolean mine = before.equals(self.incarnation());
    if (registered && !mine && !before.isEmpty() && !namesake) {
      namesake = true;
      LOG.error("another node has the same id, {}: give each node its own node.id", self.id());
    }
    boolean lost = registered && !mine;
    registered = true;
    if (lost) {
      registerAgain();
    }
    long rev = Replies.number(reply.get(2));
    long length = Replies.number(reply.get(3));
    if (lost || (expected.rev() > 0 && !expected.equals(new LocalSessions.Written(rev, length)))) {
      sessions.rewrite();
    }
  }

  /** Announces the node again, since nodes that joined meanwhile do not know it. */
  private void registerAgain() {
    disturbed();
    announce = true;
  }

  /** Returns the command that removes this node. */
  PendingCommand leave() {
    return new Leave();
  }

  private final class Beat implements PendingCommand {
    private final String registration;
    private final LocalSessions.Written expected;
    private @Nullable Response<Object> response;

    Beat(String registration, LocalSessions.Written expected) {
      this.registration = registration;
      this.expected = expected;
    }

    @Override
    public void queue(AbstractPipeline pipe) {
      KeyNames names = self.names();
      NodeId id = self.id();
      List<String> arguments = new ArrayList<>();
      arguments.add(names.base());
      arguments.add(id.value());
      arguments.add(self.incarnation());
      arguments.add(self.expiryMillis());
      arguments.add(proposal());
      arguments.add(registration);
      response =
          pipe.eval(
              Scripts.BEAT,
              List.of(names.nodes(), names.node(id), names.sessions(id), names.key()),
              arguments);
    }

    @Override
    public void complete() {
      replied(Replies.list(Replies.of(response)), expected);
    }

    @Override
    public void failed() {
      registerAgain();
    }
  }

  /** Requests the key that Redis keeps, and stores a new one if there is none. */
  private final class KeyRequest implements PendingCommand {
    private @Nullable Response<String> response;

    @Override
    public void queue(AbstractPipeline pipe) {
      String key = self.names().key();
      var unused = pipe.set(key, proposal(), SetParams.setParams().nx());
      response = pipe.get(key);
    }

    @Override
    public void complete() {
      secrets.kept(Replies.of(response));
    }

    @Override
    public void failed() {}
  }

  private final class Leave implements PendingCommand {
    @Override
    public void queue(AbstractPipeline pipe) {
      KeyNames names = self.names();
      NodeId id = self.id();
      String message = signatures.messages().toAll(Messages.left(self)).orElse("");
      var unused =
          pipe.eval(
              Scripts.LEAVE,
              List.of(names.nodes(), names.node(id), names.sessions(id)),
              List.of(id.value(), self.incarnation(), names.nodes(), message));
    }

    @Override
    public void complete() {}

    @Override
    public void failed() {}
  }
}
