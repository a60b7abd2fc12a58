package dev.holdfast.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys that OpenSSL makes, and the commands that messages name. */
class PrivateKeyCommandsIT {
  private static final Pattern COMMAND = Pattern.compile("(?:openssl|keytool) .*$");
  private static final String PASSWORD = "secret";

  @TempDir private Path folder;

  @BeforeAll
  static void opensslIsThere() {
    boolean there = Files.isExecutable(Path.of("/usr/bin/openssl"));
    if (!"true".equals(System.getenv("CI"))) {
      Assumptions.assumeTrue(there, "skipped: /usr/bin/openssl is not installed");
    }
    assertThat(there).as("/usr/bin/openssl, which CI needs").isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openssl genrsa -traditional -out key.pem 2048",
        "openssl genrsa -out key.pem 2048",
        "openssl genpkey -algorithm RSA -out key.pem",
        "openssl ecparam -name prime256v1 -genkey -out key.pem",
        "openssl ecparam -name secp384r1 -genkey -out key.pem",
        "openssl ecparam -name secp521r1 -genkey -noout -out key.pem",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out key.pem",
        "openssl genpkey -algorithm ed25519 -out key.pem",
      })
  void keyIsReadAloneAndTogetherWithItsCertificate(String command) throws Exception {
    run(command);
    run("openssl req -x509 -new -key key.pem -subj /CN=x -days 2 -out cert.pem");
    run("openssl genrsa -out other.pem 2048 && cat other.pem key.pem cert.pem > all.pem");
    Path all = folder.resolve("all.pem");

    KeyPairFiles apart = KeyPairFiles.read(folder.resolve("cert.pem"), folder.resolve("key.pem"));

    assertThat(KeyPairFiles.read(all, all).key()).isEqualTo(apart.key());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openssl genpkey -algorithm RSA -aes256 -pass pass:secret -out key.pem",
        "openssl genrsa -traditional -aes128 -passout pass:secret -out key.pem 2048",
        "openssl ecparam -name prime256v1 -genkey | openssl ec -aes256 -passout pass:secret -out key.pem",
        "openssl ecparam -name prime256v1 -genkey -param_enc explicit -out key.pem",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -pkeyopt ec_param_enc:explicit -out key.pem",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out key.pem",
        "openssl ecparam -name brainpoolP256r1 -genkey -out key.pem",
        "openssl genpkey -algorithm ed448 -out key.pem",
        "openssl genpkey -algorithm x25519 -out key.pem",
        "openssl genpkey -algorithm RSA-PSS -out key.pem",
        "openssl genrsa -primes 3 -out key.pem 2048",
        "openssl dsaparam -genkey -out key.pem 1024",
        "openssl genpkey -algorithm RSA -outform DER -out key.pem",
        "openssl genrsa 2048 | openssl rsa -traditional -outform DER -out key.pem",
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout k -subj /CN=x -out c && openssl pkcs12 -export -inkey k -in c -passout pass:secret -out key.pem",
        "keytool -genkeypair -keyalg RSA -dname CN=x -storetype JKS -storepass secret -keypass secret -keystore key.pem",
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout k -subj /CN=x -out key.pem",
        "openssl genrsa 2048 | openssl rsa -pubout -out key.pem",
        "openssl genrsa 2048 | head -n 9 > key.pem",
        "openssl genrsa 2048 | tr A-M N-Z > key.pem",
        "head -c 2000 /dev/urandom > key.pem",
        "touch key.pem",
      })
  void refusedKeyIsReadOnceTheNamedCommandHasRun(String command) throws Exception {
    run(command);

    // Apart, since the first of two reads all that is typed for both.
    for (String each : command(refusal(folder.resolve("key.pem"))).split(" && ", -1)) {
      run(each);
    }

    PrivateKeys keys =
        PrivateKeys.read(Files.readAllBytes(folder.resolve("new.pem")), folder.resolve("new.pem"));
    assertThat(keys.refusals()).isEmpty();
    assertThat(keys.usable()).hasSize(1);
  }

  private static String refusal(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    try {
      PrivateKeys keys = PrivateKeys.read(content, file);
      assertThat(keys.usable()).isEmpty();
      return keys.refusals().get(0);
    } catch (IOException none) {
      return String.valueOf(none.getMessage());
    }
  }

  private static String command(String refusal) {
    Matcher found = COMMAND.matcher(refusal);
    assertThat(found.find()).as(refusal).isTrue();
    return found.group();
  }

  /** In the folder, without a terminal, and with the password for whatever asks for one. */
  private void run(String command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("setsid", "--wait", "sh", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    builder
        .environment()
        .merge("PATH", System.getProperty("java.home") + "/bin", (path, java) -> java + ":" + path);
    Process process = builder.start();
    try (var input = process.outputWriter(StandardCharsets.UTF_8)) {
      input.write((PASSWORD + "\n").repeat(4));
    } catch (IOException notAsked) {
      // It has ended without reading.
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
    assertThat(process.exitValue()).as(() -> command + ": " + output()).isZero();
  }

  private String output() {
    try {
      return Files.readString(folder.resolve("output"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
