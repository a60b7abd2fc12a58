package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.Keyring;
import dev.holdfast.cluster.Signed;
import dev.holdfast.config.NodeKeys;
import dev.holdfast.config.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigningKeysTest {
  private static final List<String> SAID = List.of("said");

  private static String signature(SigningKeys secrets) {
    return secrets.keys().orElseThrow().sign(Signed.MOVE, SAID);
  }

  private static String signature(String secret) {
    return Keyring.of(List.of(secret)).sign(Signed.MOVE, SAID);
  }

  @ParameterizedTest
  @CsvSource({
    "'',                     '',          redis,                true",
    "'',                     webui-key,   webui-key,            false",
    "a-secret-of-sixteen,    '',          a-secret-of-sixteen,  false",
    "a-secret-of-sixteen,    webui-key,   a-secret-of-sixteen,  false",
    "'a-secret-of-sixteen,redis', webui-key, 'a-secret-of-sixteen,redis', true",
    "'redis,a-secret-of-sixteen', webui-key, 'redis,a-secret-of-sixteen', true",
  })
  void nodesSignWithWhatIsSet(String cluster, String auth, String secrets, boolean trustsRedis) {
    Settings settings = Settings.of(Map.of("cluster.secret", cluster, "auth.secret-key", auth));

    assertThat(settings.get(NodeKeys.SECRET)).isEqualTo(List.of(secrets.split(",", -1)));
    assertThat(SigningKeys.trustRedis(settings)).isEqualTo(trustsRedis);
  }

  @Test
  void secretThatIsSetIsKnownAtOnce() {
    assertThat(signature(new SigningKeys(List.of("one", "two")))).isEqualTo(signature("one"));
  }

  @Test
  void keyThatRedisKeepsSignsWhenItIsKnown() {
    SigningKeys secrets = new SigningKeys(List.of("redis", "two"));

    assertThat(secrets.keys()).isEmpty();
    secrets.kept("kept");
    assertThat(signature(secrets)).isEqualTo(signature("kept"));
    assertThat(verifies(secrets, "two")).isTrue();
  }

  @Test
  void keyThatRedisKeepsIsBelievedBesideAnother() {
    SigningKeys secrets = new SigningKeys(List.of("one", "redis"));

    assertThat(signature(secrets)).isEqualTo(signature("one"));
    assertThat(verifies(secrets, "kept")).isFalse();
    secrets.kept("kept");
    assertThat(signature(secrets)).isEqualTo(signature("one"));
    assertThat(verifies(secrets, "kept")).isTrue();
    secrets.kept("another");
    assertThat(verifies(secrets, "kept")).isFalse();
  }

  private static boolean verifies(SigningKeys secrets, String signed) {
    return secrets.keys().orElseThrow().verifies(Signed.MOVE, SAID, signature(signed));
  }
}
