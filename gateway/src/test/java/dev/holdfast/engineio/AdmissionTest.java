package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.RemoteSessions;
import dev.holdfast.config.Settings;
import dev.holdfast.engineio.Admission.Place;
import dev.holdfast.engineio.Admission.Refusal;
import dev.holdfast.engineio.Admission.Refused;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final String ADDRESS = "192.0.2.1";
  private static final Peer PEER = Peer.ofUser("u");

  private final Quotas quotas = new Quotas(Map.of());

  private Admission admission(RemoteSessions remoteSessions, Map<String, String> limits) {
    return new Admission(Settings.of(limits), quotas, remoteSessions);
  }

  private Admission ofOne() {
    return admission(RemoteSessions.nobody(), Map.of("limits.connections", "1"));
  }

  @Test
  void nodesComeInWhileThisOneStops() {
    Admission admission = ofOne();
    admission.drain();

    assertThat(admission.enter(PEER, ADDRESS)).isEqualTo(new Refused(Refusal.DRAINING));
    assertThat(admission.enterFromNode()).isInstanceOf(Place.class);
  }

  @Test
  void addressMayHaveAnyNumberWhileThereIsPlentyAndItsShareWhenThereIsNot() {
    Admission ten = admission(RemoteSessions.nobody(), Map.of("limits.connections", "10"));
    Peer other = Peer.ofUser("other");
    for (int i = 0; i < 8; i++) {
      assertThat(ten.enter(PEER, ADDRESS)).isInstanceOf(Place.class);
    }

    assertThat(ten.enter(PEER, ADDRESS)).isEqualTo(new Refused(Refusal.CONNECTIONS));
    assertThat(ten.enter(other, "192.0.2.2")).isInstanceOf(Place.class);
    assertThat(ten.isShort()).isTrue();
  }

  @Test
  void nodesTakeNoPlaceOfClients() {
    Admission admission = ofOne();
    Place node = (Place) admission.enterFromNode();

    assertThat(admission.enter(PEER, ADDRESS)).isInstanceOf(Place.class);
    assertThat(admission.enterFromNode()).isEqualTo(new Refused(Refusal.CONNECTIONS));
    admission.leave(node, ADDRESS);
    assertThat(admission.enterFromNode()).isInstanceOf(Place.class);
  }

  @Test
  void placeOfWhoLeavesIsFree() {
    Admission admission = ofOne();
    Place place = (Place) admission.enter(PEER, ADDRESS);
    assertThat(admission.enter(PEER, ADDRESS)).isEqualTo(new Refused(Refusal.CONNECTIONS));

    admission.leave(place, ADDRESS);

    assertThat(quotas.taken(Resource.TRANSPORTS)).isZero();
    assertThat(admission.enter(PEER, ADDRESS)).isInstanceOf(Place.class);
  }

  @Test
  void connectionsOfAnAddressAtOtherNodesCount() {
    Admission admission = admission(others(2), Map.of("limits.connections-per-address", "3"));

    assertThat(admission.enter(PEER, ADDRESS)).isInstanceOf(Place.class);
    assertThat(admission.enter(PEER, ADDRESS))
        .isEqualTo(new Refused(Refusal.CONNECTIONS_PER_ADDRESS));
    assertThat(quotas.taken(Resource.TRANSPORTS)).isOne();
  }

  private static RemoteSessions others(int clients) {
    return new RemoteSessions() {
      @Override
      public Map<String, Integer> upstreamsOf(String user) {
        return Map.of();
      }

      @Override
      public int clientsAt(String address) {
        return clients;
      }
    };
  }
}
