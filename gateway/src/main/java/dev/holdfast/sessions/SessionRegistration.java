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
 * What this node and the others know of a session: by what it is found, whose it is and on which
 * upstream. Confined to the session's thread.
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
  private Optional<String> parkedUser = Optional.empty();
  private boolean throughNode;

  /**
   * A session of a client at this address, of which nobody knows yet.
   *
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

  /** The session begins: from now on it ends with its token. */
  void begun() {
    ownership.tokens().forEach(token -> shared.registry().tokens().given(token, entry));
  }

  /** The same, on the node that has taken it over. */
  void adopted() {
    ownership.tokens().forEach(token -> shared.registry().tokens().adopted(token, entry));
  }

  private void given(Token further) {
    shared.registry().tokens().given(further, entry);
    if (ownership.hasTooManyTokens()) {
      entry.close(CloseReason.TOO_MANY_TOKENS);
    }
  }

  /** The upstream that the session is on; null if none could be had. */
  @Nullable Upstream upstream() {
    return upstream;
  }

  /** The session's first link goes there. */
  void startsAt(Upstream chosen) {
    entry.history().chosen(choice(chosen));
    upstream = chosen;
    entry.at(chosen.name());
  }

  private UpstreamChoice choice(Upstream chosen) {
    List<Upstream> all = shared.upstreams().all();
    if (all.stream().filter(each -> each.healthy() && !each.isDrained()).count() <= 1) {
      return UpstreamChoice.ONLY_ONE;
    }
    if (ownership.user().isEmpty()) {
      return UpstreamChoice.ADDRESS_HASH;
    }
    boolean follows =
        ownership
            .user()
            .flatMap(shared.users()::upstreamOf)
            .filter(chosen.name()::equals)
            .isPresent();
    return follows ? UpstreamChoice.OTHER_SESSIONS : UpstreamChoice.USER_HASH;
  }

  /** The session's next link goes there. */
  void relinksAt(Upstream chosen) {
    entry
        .history()
        .chosen(chosen.equals(upstream) ? UpstreamChoice.RELINKED : UpstreamChoice.FAILED_OVER);
    moveTo(chosen);
    entry.at(chosen.name());
  }

  /** The session is on this upstream from now on. */
  void moveTo(Upstream chosen) {
    if (!chosen.equals(upstream)) {
      forgetUser();
      upstream = chosen;
      remember();
    }
  }

  /** The client has sent a token that may say who it is. */
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

  /** Client and upstream know the session by this sid from now on. */
  void isCalled(String given) {
    sid = given;
    tell();
  }

  /** From now on others know of the session. */
  void announced() {
    if (clusterEntry == null) {
      clusterEntry = shared.cluster().sessions().open();
      shared.registry().liveSessions().entered(entry);
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

  /** The session was found by these secrets at another node, and is here from now on. */
  void isFoundBy(List<String> given) {
    pids.addAll(given);
    NodeId here = shared.cluster().peers().self();
    for (String pid : given) {
      shared.registry().given(pid, entry);
      // The node that gave it away has said so, too, but may soon be unable to say it again.
      shared.cluster().handoffLocations().moved(pid, here);
    }
  }

  /** Another node goes on with the session. */
  void handedOff(NodeId successor) {
    for (String pid : pids) {
      shared.cluster().handoffLocations().moved(pid, successor);
      shared.registry().handedOff(pid, successor);
    }
    pids.clear();
  }

  /** A new secret by which the session is found from now on. */
  String newPid() {
    String pid = shared.secrets().pid();
    pids.add(pid);
    shared.registry().given(pid, entry);
    return pid;
  }

  /** The session is found by this secret no more. */
  void revokePid(String pid) {
    if (pids.remove(pid)) {
      shared.registry().taken(pid);
    }
  }

  /** The session is found by no secret any more. */
  void revokePids() {
    pids.forEach(shared.registry()::taken);
    pids.clear();
  }

  /** The client names no earlier session. */
  void connectedAfresh() {
    program.ifPresent(NonResumingClients.Client::connectedAfresh);
  }

  /** Whether the client, which is gone, is waited for. */
  boolean mayPark() {
    return program.map(NonResumingClients.Client::mayBeParked).orElse(true);
  }

  /** The client is away. */
  void parked() {
    parked = true;
    program.ifPresent(NonResumingClients.Client::parked);
    parkedUser = ownership.verifiedUser();
    shared.metrics().resume().parked(1);
    shared.registry().parked(parkedUser, Forwarding.peerOf(address), entry);
    tell();
  }

  /** The client is back, or the session is over. */
  void unparked() {
    if (parked) {
      parked = false;
      shared.metrics().resume().parked(-1);
      shared.registry().unparked(parkedUser, entry);
      tell();
    }
  }

  /** The client has another transport, through another node or not, and brings this token. */
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

  /** Whether the client is away. */
  boolean isParked() {
    return parked;
  }

  /** The session is over. */
  void ended() {
    forgetUser();
    revokePids();
    ownership.tokens().forEach(token -> shared.registry().tokens().left(token, entry));
    Sessions.Entry known = clusterEntry;
    if (known != null) {
      clusterEntry = null;
      shared.registry().liveSessions().left(entry);
      // Last, since only this may fail.
      known.close();
    }
  }
}
