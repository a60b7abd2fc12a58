package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.LogLines;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminTokenTest {
  @TempDir private Path directory;

  private Path made;
  private Path file;
  private Path impossible;

  @BeforeEach
  void place() throws IOException {
    made = directory.resolve("holdfast");
    file = made.resolve("admin-token");
    // Below a file there is nothing, not for root either.
    impossible = Files.createFile(directory.resolve("plain")).resolve("admin-token");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void firstStartMakesAFileForItsUserAlone() throws IOException {
    AdminToken token = AdminToken.readOrCreate(List.of(file));

    assertThat(token.file()).isEqualTo(file);
    assertThat(token.value()).matches("[A-Za-z0-9_-]{43}");
    assertThat(file).hasContent(token.value());
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(mode(made)).isEqualTo("rwx------");
    assertThat(made.toFile().list()).containsExactly("admin-token");
    assertThat(token.toString()).doesNotContain(token.value());
  }

  @Test
  void laterStartTakesTheTokenThatIsThere() throws IOException {
    AdminToken first = AdminToken.readOrCreate(List.of(impossible, file));

    assertThat(AdminToken.readOrCreate(List.of(impossible, file))).isEqualTo(first);
    assertThat(AdminToken.read(List.of(impossible, file))).contains(first);
  }

  @Test
  void startsAtTheSameTimeTakeTheSameToken() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 50; round++) {
        List<Path> files = List.of(directory.resolve("round" + round + "/admin-token"));
        List<Future<AdminToken>> starts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          starts.add(threads.submit(() -> AdminToken.readOrCreate(files)));
        }
        Set<AdminToken> tokens = new HashSet<>();
        for (Future<AdminToken> start : starts) {
          tokens.add(start.get());
        }
        assertThat(tokens).hasSize(1);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void eachPlaceHasItsOwnToken() throws IOException {
    assertThat(AdminToken.readOrCreate(List.of(file)).value())
        .isNotEqualTo(AdminToken.readOrCreate(List.of(directory.resolve("other"))).value());
  }

  @Test
  void nothingIsReadWhereNothingIs() throws IOException {
    assertThat(AdminToken.read(List.of(file, impossible))).isEmpty();
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "  123456789abcdef\n"})
  void fileWithoutATokenIsNamed(String content) throws IOException {
    Path empty = Files.writeString(directory.resolve("empty"), content);

    assertThatThrownBy(() -> AdminToken.readOrCreate(List.of(empty)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "admin.token-file "
                + empty
                + " holds no token of at least 16 characters; delete it to have a new one created");
    assertThat(empty).hasContent(content);
  }

  @ParameterizedTest
  @CsvSource({"rw-r--r--, true", "rw----r--, true", "rw-r-----, false", "r--------, false"})
  void fileThatOthersCanReadIsTakenAndWarnedOf(String mode, boolean warned) throws IOException {
    Path wide = Files.writeString(directory.resolve("wide"), "0123456789abcdef");
    Files.setPosixFilePermissions(wide, PosixFilePermissions.fromString(mode));
    try (LogLines log = new LogLines()) {
      assertThat(AdminToken.readOrCreate(List.of(wide)).value()).isEqualTo("0123456789abcdef");

      assertThat(
              log.lines()
                  .contains(
                      "every user of this machine can read the admin token; run chmod 600 " + wide))
          .isEqualTo(warned);
    }
  }

  @Test
  void tokenOfTheSettingsCounts() throws IOException {
    Settings admin =
        Settings.of(Map.of("admin.token", "0123456789abcdef", "admin.token-file", file.toString()));

    assertThat(AdminToken.of(admin, new HostPort("0.0.0.0", 1))).contains("0123456789abcdef");
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
  void withoutAPlaceOtherMachinesKeepItFromStarting(String host) {
    assertThatThrownBy(() -> AdminToken.of(without(), new HostPort(host, 9000)))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            "admin.listen (" + new HostPort(host, 9000) + ")",
            "set admin.token",
            "admin.token-file",
            impossible.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "localhost", "127.8.9.1"})
  void withoutAPlaceThisMachineNeedsNoTokenAndIsTold(String host) throws IOException {
    try (LogLines log = new LogLines()) {
      assertThat(AdminToken.of(without(), new HostPort(host, 9000))).isEmpty();

      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("needs no token", "admin.token-file", impossible.toString());
    }
  }

  private Settings without() {
    return Settings.of(Map.of("admin.token-file", impossible.toString()));
  }
}
