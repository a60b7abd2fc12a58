package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionRegistrationTest {
  private static final String ADDRESS = "192.0.2.1";

  private final Cluster cluster = LocalCluster.alone(new NodeId("a"));
  private final SessionService.Shared shared = SharedFixture.of(cluster);
  private final SessionEntry entry = new SessionEntry(Runnable::run);
  private final SessionRegistration registration =
      new SessionRegistration(
          shared,
          new Ownership(shared.identity(), Optional.empty()),
          ADDRESS,
          entry,
          Optional.empty());

  @Test
  void sessionIsNotFoundByTheOneOfItsPidsThatIsRevoked() {
    String first = registration.newPid();
    String second = registration.newPid();

    registration.revokePid(first);

    assertThat(shared.registry().find(first)).isEmpty();
    assertThat(shared.registry().hasExpired(first)).isTrue();
    assertThat(shared.registry().find(second)).contains(entry);
  }

  @Test
  void otherNodesAreToldOfPidsThatAreGoodForSomethingOnly() {
    String first = registration.newPid();
    String second = registration.newPid();
    registration.revokePid(first);

    registration.handedOff(new NodeId("b"));

    List<SessionLocation> homes = new ArrayList<>();
    cluster.handoffLocations().find(first, homes::add);
    cluster.handoffLocations().find(second, homes::add);
    assertThat(homes)
        .containsExactly(new SessionLocation.Nowhere(), new SessionLocation.At(new NodeId("b")));
    assertThat(shared.registry().successor(first)).isEmpty();
    assertThat(shared.registry().successor(second)).contains(new NodeId("b"));
  }

  @Test
  void othersAreToldWhetherTheClientComesThroughANode() {
    registration.startsAt(shared.upstreams().all().get(0));
    registration.announced();
    assertThat(entry.record().orElseThrow().throughNode()).isFalse();

    registration.hasTransport(true, null);
    assertThat(entry.record().orElseThrow().throughNode()).isTrue();

    registration.hasTransport(false, null);
    assertThat(entry.record().orElseThrow().throughNode()).isFalse();
  }

  private SessionRegistration withToken(String token, List<Runnable> tasks) {
    Ownership ownership = new Ownership(shared.identity(), Optional.of(token));
    return new SessionRegistration(
        shared, ownership, ADDRESS, new SessionEntry(tasks::add), Optional.empty());
  }

  private void signOut(String token) {
    shared.registry().tokens().signedOut(TokenHash.of(token));
  }

  /** It may wait for its turn for long, and nobody lists it yet. */
  @Test
  void sessionThatNoUpstreamHasLetInYetEndsWithItsToken() {
    List<Runnable> tasks = new ArrayList<>();
    withToken("connect", tasks).begun();

    signOut("other");
    assertThat(tasks).isEmpty();
    signOut("connect");

    assertThat(tasks).hasSize(1);
  }

  @Test
  void sessionEndsWithTheTokensOfItsJoinsAndOfItsLaterTransports() {
    List<Runnable> tasks = new ArrayList<>();
    SessionRegistration session = withToken("connect", tasks);
    session.begun();
    session.joined("join");
    session.hasTransport(false, "transport");
    session.hasTransport(false, "transport");
    session.hasTransport(false, null);

    signOut("join");
    signOut("transport");
    signOut("connect");

    assertThat(tasks).hasSize(3);
  }

  @Test
  void inheritedSessionEndsWithATokenThatWasSignedOutWhileItWasOnItsWay() {
    List<Runnable> tasks = new ArrayList<>();
    signOut("connect");

    withToken("connect", tasks).adopted();

    assertThat(tasks).hasSize(1);
  }

  @Test
  void tokensOfASessionThatIsOverAreForgotten() {
    List<Runnable> tasks = new ArrayList<>();
    SessionRegistration session = withToken("connect", tasks);
    session.begun();
    session.joined("join");

    session.ended();

    signOut("connect");
    signOut("join");
    assertThat(tasks).isEmpty();
  }

  @Test
  void clientThatBringsTokenAfterTokenIsClosed() {
    List<Runnable> tasks = new ArrayList<>();
    SessionRegistration session = withToken("connect", tasks);
    session.begun();
    for (int i = 1; i < 8; i++) {
      session.joined("join " + i);
      session.joined("join " + i);
    }
    assertThat(tasks).isEmpty();

    session.joined("join 8");

    assertThat(tasks).hasSize(1);
  }

  @Test
  void pidOfAnotherSessionIsLeftAlone() {
    SessionEntry other = new SessionEntry(Runnable::run);
    shared.registry().given("a.other", other);

    registration.revokePid("a.other");

    assertThat(shared.registry().find("a.other")).contains(other);
  }

  @Test
  void transportWithoutATokenBringsNone() {
    List<Runnable> tasks = new ArrayList<>();
    SessionRegistration session = withToken("connect", tasks);
    session.begun();

    session.hasTransport(false, "");

    signOut("");
    assertThat(tasks).isEmpty();
  }

  @Test
  void sessionIsAnnouncedToOthersOnce() {
    registration.announced();
    assertThat(entry.record()).as("it has no upstream").isEmpty();
    registration.startsAt(shared.upstreams().all().get(0));

    registration.announced();
    registration.isCalled("sid");

    assertThat(entry.record().orElseThrow().sid()).isEqualTo("sid");
    assertThat(shared.registry().size()).isEqualTo(1);
  }
}
