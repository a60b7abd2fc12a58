package dev.holdfast.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.SessionLocation;
import dev.holdfast.hub.Resident;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PresenceTest {
  private static final String ADDRESS = "192.0.2.1";

  private final Cluster cluster = LocalCluster.alone(new NodeId("a"));
  private final SocketSessions.Shared shared = SharedFixture.of(cluster);
  private final Resident resident = new Resident(Runnable::run);
  private final Presence presence =
      new Presence(shared, new Ownership(shared.identity(), Optional.empty()), ADDRESS, resident);

  @Test
  void sessionIsNotFoundByTheOneOfItsPidsThatIsRevoked() {
    String first = presence.newPid();
    String second = presence.newPid();

    presence.revokePid(first);

    assertThat(shared.residents().find(first)).isEmpty();
    assertThat(shared.residents().hasExpired(first)).isTrue();
    assertThat(shared.residents().find(second)).contains(resident);
  }

  @Test
  void otherNodesAreToldOfPidsThatAreGoodForSomethingOnly() {
    String first = presence.newPid();
    String second = presence.newPid();
    presence.revokePid(first);

    presence.ceded(new NodeId("b"));

    List<SessionLocation> homes = new ArrayList<>();
    cluster.moves().find(first, homes::add);
    cluster.moves().find(second, homes::add);
    assertThat(homes)
        .containsExactly(new SessionLocation.Nowhere(), new SessionLocation.At(new NodeId("b")));
    assertThat(shared.residents().heir(first)).isEmpty();
    assertThat(shared.residents().heir(second)).contains(new NodeId("b"));
  }

  @Test
  void othersAreToldWhetherTheClientComesThroughANode() {
    presence.startsAt(shared.upstreams().all().get(0));
    presence.announced();
    assertThat(resident.record().orElseThrow().throughNode()).isFalse();

    presence.comesThroughNode(true);
    assertThat(resident.record().orElseThrow().throughNode()).isTrue();

    presence.comesThroughNode(false);
    assertThat(resident.record().orElseThrow().throughNode()).isFalse();
  }

  @Test
  void pidOfAnotherSessionIsLeftAlone() {
    Resident other = new Resident(Runnable::run);
    shared.residents().given("a.other", other);

    presence.revokePid("a.other");

    assertThat(shared.residents().find("a.other")).contains(other);
  }
}
