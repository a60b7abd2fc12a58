package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.protocol.Announced;
import dev.holdfast.upstream.Upstream;
import dev.holdfast.upstream.UpstreamFixture;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** On which upstream a session is counted, for which user, and why it is there. */
class UserOfSessionTest {
  private final Cluster cluster = LocalCluster.alone(new NodeId("a"));
  private final UpstreamFixture upstreams =
      new UpstreamFixture(List.of("one", "two"), SharedFixture::nowhere);
  private final SessionService.Shared shared = SharedFixture.of(cluster, upstreams);
  private final Upstream one = shared.upstreams().all().get(0);
  private final Upstream two = shared.upstreams().all().get(1);

  UserOfSessionTest() {
    upstreams.found(0, true, Announced.DEFAULT, 0);
    upstreams.found(1, true, Announced.DEFAULT, 0);
  }

  private static String token(String user, int number) {
    return JWT.create()
        .withClaim("id", user)
        .withClaim("n", number)
        .sign(Algorithm.HMAC256("a-secret-of-open-webui-with-32-bytes"));
  }

  private SessionRegistration session(SessionEntry entry, Optional<String> token) {
    return new SessionRegistration(
        shared, new Ownership(shared.identity(), token), "192.0.2.1", entry, Optional.empty());
  }

  private SessionRegistration session(Optional<String> token) {
    return session(new SessionEntry(Runnable::run), token);
  }

  private UpstreamReason choice(Optional<String> token, Upstream chosen) {
    SessionEntry entry = new SessionEntry(Runnable::run);
    session(entry, token).startsAt(chosen);
    return entry.history().page().choice();
  }

  private int sessionsOf(String user) {
    return shared.users().sessionsOf(user);
  }

  @Test
  void userIsCountedOnceHoweverManyTokensSaySo() {
    SessionRegistration session = session(Optional.empty());
    session.startsAt(one);
    session.announced();
    assertThat(sessionsOf("u1")).isZero();

    session.joined(token("u1", 1));
    session.joined(token("u1", 2));

    assertThat(sessionsOf("u1")).isEqualTo(1);
    assertThat(shared.users().upstreamOf("u1")).contains(one.name());
  }

  @Test
  void sessionIsThatOfTheUserWhoJoinedLast() {
    SessionRegistration session = session(Optional.of(token("u1", 1)));
    session.startsAt(one);
    session.announced();
    assertThat(sessionsOf("u1")).isEqualTo(1);

    session.joined(token("u2", 1));

    assertThat(sessionsOf("u1")).isZero();
    assertThat(sessionsOf("u2")).isEqualTo(1);
  }

  @Test
  void userOfASessionWithoutAnUpstreamIsNotCounted() {
    SessionRegistration session = session(Optional.empty());

    session.joined(token("u1", 1));
    session.announced();
    assertThat(sessionsOf("u1")).isZero();
    session.startsAt(two);
    session.announced();

    assertThat(shared.users().upstreamOf("u1")).contains(two.name());
  }

  @Test
  void userMovesWithTheSessionAndIsForgottenWithIt() {
    SessionEntry entry = new SessionEntry(Runnable::run);
    SessionRegistration session = session(entry, Optional.of(token("u1", 1)));
    session.startsAt(one);
    session.announced();

    session.relinksAt(one);
    assertThat(entry.history().page().choice()).isEqualTo(UpstreamReason.RELINKED);
    session.relinksAt(two);
    assertThat(entry.history().page().choice()).isEqualTo(UpstreamReason.FAILED_OVER);
    assertThat(shared.users().upstreamOf("u1")).contains(two.name());
    assertThat(entry.record().orElseThrow().upstream()).isEqualTo(two.name());
    session.ended();

    assertThat(sessionsOf("u1")).isZero();
  }

  @Test
  void operatorsSeeWhyASessionIsOnItsUpstream() {
    Optional<String> token = Optional.of(token("u1", 1));
    shared.users().joined("u1", one.name());

    assertThat(choice(Optional.empty(), one)).isEqualTo(UpstreamReason.ADDRESS_HASH);
    assertThat(choice(token, one)).isEqualTo(UpstreamReason.OTHER_SESSIONS);
    assertThat(choice(token, two)).isEqualTo(UpstreamReason.USER_HASH);
    shared.upstreams().drain(two.name());
    assertThat(choice(token, one)).isEqualTo(UpstreamReason.ONLY_ONE);
  }

  @Test
  void nextSessionFollowsTheUsersOthersUnlessTheirUpstreamIsDrained() {
    shared.users().joined("u1", one.name());
    assertThat(shared.upstreamForSession("u1")).contains(one);

    shared.upstreams().drain(one.name());

    assertThat(shared.upstreamForSession("u1")).contains(two);
    assertThat(shared.upstreamOf("u1")).as("for a request").contains(one);
  }

  @Test
  void sessionThatIsNotParkedIsNotUnparked() {
    SessionRegistration session = session(Optional.empty());

    session.unparked();
    session.parked();
    session.unparked();
    session.unparked();

    assertThat(session.isParked()).isFalse();
    assertThat(parkedSessions()).isZero();
  }

  private double parkedSessions() {
    return shared.metrics().registry().scrape("holdfast_sessions_parked"::equals).stream()
        .flatMap(each -> each.getDataPoints().stream())
        .mapToDouble(each -> ((GaugeSnapshot.GaugeDataPointSnapshot) each).getValue())
        .sum();
  }
}
