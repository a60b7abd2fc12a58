package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyringTest {
  private static final List<String> SAID = List.of("one", "two");

  /** Who signs with the first of one list, and whether a list of another node has it. */
  @ParameterizedTest
  @CsvSource({
    "old,         old,         true",
    "old,         'old,new',   true",
    "'old,new',   old,         true",
    "'old,new',   'new,old',   true",
    "'new,old',   'old,new',   true",
    "'new,old',   new,         true",
    "new,         'new,old',   true",
    "'new,old',   old,         false",
    "old,         new,         false",
  })
  void firstSecretSignsAndAllVerify(String signs, String verifies, boolean believed) {
    String signature = ring(signs).sign(Signed.MOVE, SAID);

    assertThat(ring(verifies).verifies(Signed.MOVE, SAID, signature)).isEqualTo(believed);
  }

  private static Keyring ring(String secrets) {
    return Keyring.of(List.of(secrets.split(",", -1)));
  }

  @Test
  void signatureIsOfTheWholeListAsItIsDivided() {
    Keyring ring = ring("old");
    String signature = ring.sign(Signed.MOVE, SAID);

    assertThat(ring.verifies(Signed.MOVE, List.of("onetwo"), signature)).isFalse();
    assertThat(ring.verifies(Signed.MOVE, List.of("onet", "wo"), signature)).isFalse();
    assertThat(ring.verifies(Signed.REGISTRATION, SAID, signature)).isFalse();
    assertThat(ring.verifies(Signed.MOVE, SAID, "")).isFalse();
    assertThat(ring.verifies(Signed.MOVE, SAID, signature + "A")).isFalse();
  }

  @Test
  void secretItselfIsNoKey() {
    String derived = ring("a secret of sixteen").sign(Signed.MOVE, SAID);

    assertThat(derived).hasSize(43).isNotEqualTo(ring("another secret").sign(Signed.MOVE, SAID));
  }

  @Test
  void keyringWithoutAKeyIsRefused() {
    assertThatThrownBy(() -> Keyring.of(List.of())).hasMessage("a keyring has a key");
  }
}
