package dev.holdfast.sessions;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.forwarding.Forwarding;
import dev.holdfast.session.CloseReason;
import dev.holdfast.time.WallClock;
import dev.holdfast.upstream.Upstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a session to this node and the others: its pids, its owner and its upstream. Confined
 * to the session's thread.
 */
final class SessionRegistration {
  private final SessionService.Shared shared;
  private final Ownership ownership;
  private final String address;
  private final SessionEntry entry;
  private final Optional<NonResumingClients.Client> program;
  private final List<String> pids = new ArrayList<>(1);
  private final long begun = WallClock.seconds();
  private String sid = "";
  private Sessions.@Nullable Entry clusterEntry;
  private @Nullable Upstream upstream;
  private @Nullable String countedUser;
  private boolean parked;
  private boolean throughNode;

  /**
   * Creates the registration of a session that is not registered anywhere yet.
   *
   * @param address of the client
   * @param program the client, if it is one that may never resume
   */
  SessionRegistration(
      SessionService.Shared shared,
      Ownership ownership,
      String address,
      SessionEntry entry,
      Optional<NonResumingClients.Client> program) {
    this.program = program;
    this.shared = shared;
    this.ownership = ownership;
    this.address = address;
    this.entry = entry;
  }

  /** Registers the tokens of a session that begins; it ends when they become invalid. */
  void begun() {
    ownership.tokens().forEach(token -> shared.registry().tokens().given(token, entry));
  }

  /** Registers the tokens of a session that this node has taken over. */
  void adopted() {
    ownership.tokens().forEach(token -> shared.registry().tokens().adopted(token, entry));
  }

  private void given(Token further) {
    shared.registry().tokens().given(further, entry);
    if (ownership.hasTooManyTokens()) {
      entry.close(CloseReason.TOO_MANY_TOKENS);
    }
  }

  /** Returns the session's upstream; null if none was available. */
  @Nullable Upstream upstream() {
    return upstream;
  }

  /** Records the upstream of the session's first link. */
  void startsAt(Upstream chosen) {
    entry.history().chosen(choice(chosen));
    upstream = chosen;
    entry.at(chosen.name());
  }

  private UpstreamReason choice(Upstream chosen) {
    List<Upstream> all = shared.upstreams().all();
    if (all.stream().filter(each -> each.healthy() && !each.isDrained()).count() <= 1) {
      return UpstreamReason.ONLY_ONE;
    }
    if (ownership.user().isEmpty()) {
      return UpstreamReason.ADDRESS_HASH;
    }
    boolean follows =
        ownership
            .user()
            .flatMap(shared.users()::upstreamOf)
            .filter(chosen.name()::equals)
            .isPresent();
    return follows ? UpstreamReason.OTHER_SESSIONS : UpstreamReason.USER_HASH;
  }

  /** Records the upstream of the session's next link. */
  void relinksAt(Upstream chosen) {
    entry
        .history()
        .chosen(chosen.equals(upstream) ? UpstreamReason.RELINKED : UpstreamReason.FAILED_OVER);
    moveTo(chosen);
    entry.at(chosen.name());
  }

  /** Moves the session's registration to this upstream. */
  void moveTo(Upstream chosen) {
    if (!chosen.equals(upstream)) {
      forgetUser();
      upstream = chosen;
      remember();
    }
  }

  /** Records a token that may identify the client's user. */
  void joined(String token) {
    ownership.joined(token).ifPresent(this::given);
    if (countedUser == null || !ownership.user().equals(Optional.of(countedUser))) {
      forgetUser();
      if (shared.isOneTooMany(ownership)) {
        entry.close(CloseReason.SESSIONS_PER_USER);
      }
      remember();
    }
  }

  /** Records the Socket.IO sid that client and upstream use. */
  void isCalled(String given) {
    sid = given;
    tell();
  }

  /** Publishes the session to the cluster and adds it to this node's live sessions. */
  void announced() {
    if (clusterEntry == null) {
      clusterEntry = shared.cluster().sessions().open();
      shared.registry().entered(entry);
    }
    remember();
  }

  private void remember() {
    if (upstream != null && countedUser == null && ownership.user().isPresent()) {
      countedUser = ownership.user().get();
      shared.users().joined(countedUser, upstream.name());
    }
    tell();
  }

  private void tell() {
    if (clusterEntry != null && upstream != null) {
      SessionRecord record = record(upstream);
      entry.record(record);
      clusterEntry.is(record);
    }
  }

  private SessionRecord record(Upstream at) {
    SessionRecord.State state = isParked() ? SessionRecord.State.PARKED : SessionRecord.State.LIVE;
    String user = ownership.user().orElse("");
    return new SessionRecord(sid, user, at.name(), address, begun, state, throughNode);
  }

  private void forgetUser() {
    if (countedUser != null && upstream != null) {
      shared.users().left(countedUser, upstream.name());
    }
    countedUser = null;
  }

  /** Registers the pids of a session that this node has taken over. */
  void isFoundBy(List<String> given) {
    pids.addAll(given);
    NodeId here = shared.cluster().peers().self();
    for (String pid : given) {
      shared.registry().given(pid, entry);
      // The former node has published this, too, but may soon be unable to repeat it.
      shared.cluster().handoffLocations().moved(pid, here);
    }
  }

  /** Records that another node has taken the session over. */
  void handedOff(NodeId successor) {
    for (String pid : pids) {
      shared.cluster().handoffLocations().moved(pid, successor);
      shared.registry().handedOff(pid, successor);
    }
    pids.clear();
  }

  /** Generates and registers a new pid for the session. */
  String newPid() {
    String pid = shared.secrets().pid();
    pids.add(pid);
    shared.registry().given(pid, entry);
    return pid;
  }

  /** Revokes a pid. */
  void revokePid(String pid) {
    if (pids.remove(pid)) {
      shared.registry().taken(pid);
    }
  }

  /** Revokes all pids. */
  void revokePids() {
    pids.forEach(shared.registry()::taken);
    pids.clear();
  }

  /** Records that the client names no earlier session. */
  void connectedAfresh() {
    program.ifPresent(NonResumingClients.Client::connectedAfresh);
  }

  /** Returns whether the session may wait for its client, which has disconnected. */
  boolean mayPark() {
    return program.map(NonResumingClients.Client::mayBeParked).orElse(true);
  }

  /** Records that the client has disconnected. */
  void parked() {
    parked = true;
    program.ifPresent(NonResumingClients.Client::parked);
    shared.metrics().resume().parked(1);
    shared.registry().parked(ownership.verifiedUser(), Forwarding.peerOf(address), entry);
    tell();
  }

  /** Records that the client has returned or the session has ended. */
  void unparked() {
    if (parked) {
      parked = false;
      shared.metrics().resume().parked(-1);
      shared.registry().unparked(entry);
      tell();
    }
  }

  /**
   * Records a new transport of the client.
   *
   * @param node whether it comes through another node
   * @param token that it presented; null if none
   */
  void hasTransport(boolean node, @Nullable String token) {
    program.ifPresent(NonResumingClients.Client::resumes);
    if (token != null && !token.isEmpty()) {
      ownership.given(token).ifPresent(this::given);
    }
    if (node != throughNode) {
      throughNode = node;
      tell();
    }
  }

  /** Returns whether the client is disconnected. */
  boolean isParked() {
    return parked;
  }

  /** Removes the session from this node and the cluster. */
  void ended() {
    forgetUser();
    revokePids();
    ownership.tokens().forEach(token -> shared.registry().tokens().left(token, entry));
    Sessions.Entry known = clusterEntry;
    if (known != null) {
      clusterEntry = null;
      shared.registry().left(entry);
      // Last, as only this can fail.
      known.close();
    }
  }
}
