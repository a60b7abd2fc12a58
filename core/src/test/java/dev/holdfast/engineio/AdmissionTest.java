package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.engineio.Admission.Place;
import dev.holdfast.engineio.Admission.Refusal;
import dev.holdfast.engineio.Admission.Refused;
import dev.holdfast.memory.Quotas;
import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.memory.Quotas.Resource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final String ADDRESS = "192.0.2.1";
  private static final Peer PEER = Peer.ofUser("u");

  private final Quotas quotas = new Quotas(Map.of());

  private Admission of(int connections) {
    return new Admission(connections, Optional.empty(), quotas, address -> 0);
  }

  @Test
  void nodesComeInWhileThisOneStops() {
    Admission admission = of(1);
    admission.drain();

    assertThat(admission.enter(PEER, ADDRESS)).isEqualTo(new Refused(Refusal.DRAINING));
    assertThat(admission.enterFromNode()).isInstanceOf(Place.class);
  }

  @Test
  void addressMayHaveAnyNumberWhileThereIsPlentyAndItsShareWhenThereIsNot() {
    Admission ten = of(10);
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
    Admission admission = of(1);
    Place node = (Place) admission.enterFromNode();

    assertThat(admission.enter(PEER, ADDRESS)).isInstanceOf(Place.class);
    assertThat(admission.enterFromNode()).isEqualTo(new Refused(Refusal.CONNECTIONS));
    admission.leave(node, ADDRESS);
    assertThat(admission.enterFromNode()).isInstanceOf(Place.class);
  }

  @Test
  void placeOfWhoLeavesIsFree() {
    Admission admission = of(1);
    Place place = (Place) admission.enter(PEER, ADDRESS);
    assertThat(admission.enter(PEER, ADDRESS)).isEqualTo(new Refused(Refusal.CONNECTIONS));

    admission.leave(place, ADDRESS);

    assertThat(quotas.taken(Resource.TRANSPORTS)).isZero();
    assertThat(admission.enter(PEER, ADDRESS)).isInstanceOf(Place.class);
  }

  @Test
  void connectionsOfAnAddressAtOtherNodesCount() {
    Admission admission = new Admission(10, Optional.of(3), quotas, address -> 2);

    assertThat(admission.enter(PEER, ADDRESS)).isInstanceOf(Place.class);
    assertThat(admission.enter(PEER, ADDRESS))
        .isEqualTo(new Refused(Refusal.CONNECTIONS_PER_ADDRESS));
    assertThat(quotas.taken(Resource.TRANSPORTS)).isOne();
  }
}
