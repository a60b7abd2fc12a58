package dev.holdfast.hub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final Admission admission = new Admission(1, 1);

  @Test
  void nodesComeInWhileThisOneStops() {
    admission.drain();

    assertThat(admission.enter("192.0.2.1")).contains(Admission.Refusal.DRAINING);
    assertThat(admission.enterFromNode()).isEmpty();
  }

  @Test
  void nodesTakeNoPlaceOfClients() {
    admission.enterFromNode();

    assertThat(admission.enter("192.0.2.1")).isEmpty();
    assertThat(admission.enterFromNode()).contains(Admission.Refusal.CONNECTIONS);
    admission.leaveFromNode();
    assertThat(admission.enterFromNode()).isEmpty();
  }
}
