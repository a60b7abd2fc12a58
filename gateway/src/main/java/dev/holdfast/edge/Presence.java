package dev.holdfast.edge;

import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.cluster.Sessions;
import dev.holdfast.hub.Choice;
import dev.holdfast.hub.Resident;
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
final class Presence {
  private final SocketSessions.Shared shared;
  private final Ownership ownership;
  private final String address;
  private final Resident resident;
  private final List<String> pids = new ArrayList<>(1);
  private final long begun = WallClock.seconds();
  private String sid = "";
  private Sessions.@Nullable Entry entry;
  private @Nullable Upstream upstream;
  private @Nullable String countedUser;
  private @Nullable String parkedKey;
  private boolean throughNode;

  /** A session of a client at this address, of which nobody knows yet. */
  Presence(SocketSessions.Shared shared, Ownership ownership, String address, Resident resident) {
    this.shared = shared;
    this.ownership = ownership;
    this.address = address;
    this.resident = resident;
  }

  /** The upstream that the session is on; null if none could be had. */
  @Nullable Upstream upstream() {
    return upstream;
  }

  /** The session's first link goes there. */
  void startsAt(Upstream chosen) {
    resident.journal().chosen(choice(chosen));
    upstream = chosen;
    resident.at(chosen.name());
  }

  private Choice choice(Upstream chosen) {
    List<Upstream> all = shared.upstreams().all();
    if (all.stream().filter(each -> each.healthy() && !each.isDrained()).count() <= 1) {
      return Choice.ONLY_ONE;
    }
    if (ownership.user().isEmpty()) {
      return Choice.ADDRESS_HASH;
    }
    boolean follows =
        ownership
            .user()
            .flatMap(shared.users()::upstreamOf)
            .filter(chosen.name()::equals)
            .isPresent();
    return follows ? Choice.OTHER_SESSIONS : Choice.USER_HASH;
  }

  /** The session's next link goes there. */
  void relinksAt(Upstream chosen) {
    resident.journal().chosen(chosen.equals(upstream) ? Choice.RELINKED : Choice.FAILED_OVER);
    moveTo(chosen);
    resident.at(chosen.name());
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
    ownership.joined(token);
    if (countedUser == null || !ownership.user().equals(Optional.of(countedUser))) {
      forgetUser();
      if (shared.isOneTooMany(ownership)) {
        resident.close(CloseReason.SESSIONS_PER_USER);
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
    if (entry == null) {
      entry = shared.cluster().sessions().open();
      shared.residents().roll().entered(resident);
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
    if (entry != null && upstream != null) {
      SessionRecord record = record(upstream);
      resident.record(record);
      entry.is(record);
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
      shared.residents().given(pid, resident);
      // The node that gave it away has said so, too, but may soon be unable to say it again.
      shared.cluster().moves().moved(pid, here);
    }
  }

  /** Another node goes on with the session. */
  void ceded(NodeId heir) {
    for (String pid : pids) {
      shared.cluster().moves().moved(pid, heir);
      shared.residents().ceded(pid, heir);
    }
    pids.clear();
  }

  /** A new secret by which the session is found from now on. */
  String newPid() {
    String pid = shared.secrets().pid();
    pids.add(pid);
    shared.residents().given(pid, resident);
    return pid;
  }

  /** The session is found by this secret no more. */
  void revokePid(String pid) {
    if (pids.remove(pid)) {
      shared.residents().taken(pid);
    }
  }

  /** The session is found by no secret any more. */
  void revokePids() {
    pids.forEach(shared.residents()::taken);
    pids.clear();
  }

  /** The client is away. */
  void parked() {
    parkedKey = ownership.group(address);
    shared.metrics().resume().parked(1);
    shared.residents().parked(parkedKey, resident);
    tell();
  }

  /** The client is back, or the session is over. */
  void unparked() {
    if (parkedKey != null) {
      shared.metrics().resume().parked(-1);
      shared.residents().unparked(parkedKey, resident);
      parkedKey = null;
      tell();
    }
  }

  /** The client has another transport, which comes through another node or does not. */
  void comesThroughNode(boolean node) {
    if (node != throughNode) {
      throughNode = node;
      tell();
    }
  }

  /** Whether the client is away. */
  boolean isParked() {
    return parkedKey != null;
  }

  /** The session is over. */
  void ended() {
    forgetUser();
    if (entry != null) {
      entry.close();
      entry = null;
      shared.residents().roll().left(resident);
    }
    revokePids();
  }
}
