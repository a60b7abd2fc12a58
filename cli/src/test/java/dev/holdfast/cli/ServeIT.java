package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The runnable jar as an operator starts and stops it. */
@Timeout(90)
class ServeIT {
  @TempDir private Path directory;

  @Test
  void servesUntilTerminatedAndEndsWithZero() throws Exception {
    try (Jar jar =
        Jar.serve(
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
            "--set",
            "admin.token-file=" + directory.resolve("token"))) {
      assertThat(jar.awaitLine("listening on ")).containsPattern("http://127\\.0\\.0\\.1:[0-9]+$");

      jar.terminate();

      assertThat(jar.exitCode()).isZero();
    }
  }

  @Test
  void jsonLogHasOneObjectPerLine() throws Exception {
    try (Jar jar =
        Jar.serve(
            "--listen", "127.0.0.1:0", "--admin-listen=off", "--set", "logging.format=json")) {
      assertThat(jar.awaitLine("listening on "))
          .startsWith("{\"timestamp\":")
          .containsPattern("\"message\":\"listening on http://127\\.0\\.0\\.1:[0-9]+\"}$");
    }
  }

  @Test
  void takenPortIsOneAndNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      try (Jar jar = Jar.serve("--listen", address, "--admin-listen=off")) {
        assertThat(jar.awaitLine("holdfast: ")).contains(address);
        assertThat(jar.exitCode()).isOne();
      }
    }
  }

  @Test
  void badSettingIsTwo() throws IOException, InterruptedException {
    try (Jar jar = Jar.serve("--listen", "nowhere")) {
      assertThat(jar.awaitLine("  listen = nowhere (--listen): must be host:port")).isNotEmpty();
      assertThat(jar.exitCode()).isEqualTo(2);
    }
  }
}
