package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Gateway;
import dev.holdfast.config.Configuration;
import dev.holdfast.config.Flag;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands of the user that a node runs as need to be told nothing. */
class AdminTokenFileTest {
  @TempDir private Path directory;

  private static Gateway serve(Map<String, String> environment) throws IOException {
    List<Flag> flags =
        List.of(
            new Flag("--listen", "listen", "127.0.0.1:0"),
            new Flag("--set", "node.id", "a"),
            new Flag("--admin-listen", "admin.listen", "127.0.0.1:0"));
    return Gateway.start(Configuration.load(flags, environment, Optional.empty()).settings());
  }

  private static String admin(Gateway gateway) {
    return "127.0.0.1:" + gateway.adminAddress().orElseThrow().getPort();
  }

  @ParameterizedTest
  @CsvSource({
    "RUNTIME_DIRECTORY, '', admin-token",
    "RUNTIME_DIRECTORY, :/var/run/second, admin-token",
    "XDG_RUNTIME_DIR, '', holdfast/admin-token",
    "HOLDFAST_ADMIN_TOKEN_FILE, /named, named"
  })
  void tokenThatTheNodeHasMadeIsRead(String variable, String behind, String file)
      throws IOException {
    Map<String, String> environment = Map.of(variable, directory + behind);
    try (Gateway gateway = serve(environment)) {
      assertThat(directory.resolve(file)).isRegularFile();

      Ran ran = Ran.in(environment, "nodes", "--admin", admin(gateway));

      assertThat(ran.err()).isEmpty();
      assertThat(ran.out()).contains("\na ");
      assertThat(ran.code()).isZero();
    }
  }

  @Test
  void secondNodeOfTheUserTakesTheSameToken() throws IOException {
    Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", directory.toString());
    try (Gateway one = serve(environment);
        Gateway other = serve(environment)) {
      assertThat(Ran.in(environment, "nodes", "--admin", admin(one)).code()).isZero();
      assertThat(Ran.in(environment, "nodes", "--admin", admin(other)).code()).isZero();
    }
  }

  @Test
  void whoHasNoTokenIsToldWhereItWasLookedFor() throws IOException {
    Path missing = directory.resolve("missing");
    Path wrong = Files.writeString(directory.resolve("wrong"), "another 0123456789abcdef");
    try (Gateway gateway = serve(Map.of("XDG_RUNTIME_DIR", directory.toString()))) {
      String admin = admin(gateway);
      String wants = "holdfast: " + admin + " requires the admin.token that it runs with";

      assertThat(Ran.command("nodes", "--admin", admin, "--set", "admin.token-file=" + missing))
          .isEqualTo(new Ran(1, "", wants + ", and none could be read from " + missing + "\n"));
      assertThat(Ran.command("nodes", "--admin", admin, "--set", "admin.token-file=" + wrong))
          .isEqualTo(new Ran(1, "", wants + ", which is not the one in " + wrong + "\n"));
    }
  }

  @Test
  void anotherMachineDoesNotGetTheToken() throws IOException {
    Optional<InetAddress> outside =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(it -> it.getAddress().length == 4 && !it.isLoopbackAddress())
            .findFirst();
    Assumptions.assumeTrue(outside.isPresent(), "this machine has an address for others");
    Path file = Files.writeString(directory.resolve("token"), "0123456789abcdef");
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer other = HttpServer.create(new InetSocketAddress(outside.orElseThrow(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          asked.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          exchange.sendResponseHeaders(401, -1);
          exchange.close();
        });
    other.start();
    try {
      String address = outside.get().getHostAddress() + ":" + other.getAddress().getPort();

      Ran ran = Ran.command("nodes", "--admin", address, "--set", "admin.token-file=" + file);

      assertThat(ran.err())
          .isEqualTo("holdfast: " + address + " requires the admin.token that it runs with\n");
      assertThat(asked).containsExactly("null");
    } finally {
      other.stop(0);
    }
  }
}
