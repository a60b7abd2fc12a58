package dev.holdfast.tls;

import dev.holdfast.time.ErrorBoundary;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context of a listener. Reloads its files when their content changes; new connections use
 * the new certificate. If the new pair is invalid, that is logged and the old one stays in use.
 * Thread-safe.
 */
public final class ServerTls implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
  // Certificates are renewed days before they expire, and reading two small files is cheap.
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(10);

  private static final Pattern MODERN =
      Pattern.compile(
          "TLS_(ECDHE_(ECDSA|RSA)_WITH_)?(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA\\d+");

  private final ErrorBoundary boundary =
      ErrorBoundary.lasting("the watch over the TLS files", () -> {});
  private final Path certificate;
  private final Path key;
  private final CurrentKey current;
  private final SSLContext context;
  private final ScheduledExecutorService checks;
  private int seen;

  private ServerTls(Path certificate, Path key, KeyPairFiles files)
      throws GeneralSecurityException {
    this.certificate = certificate;
    this.key = key;
    seen = files.digest();
    current = new CurrentKey(files);
    context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {current}, null, null);
    checks =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "tls-files");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Reads a PEM certificate chain and its private key, and watches both files.
   *
   * @throws IOException if a file cannot be read or they do not belong together
   */
  public static ServerTls open(Path certificate, Path key) throws IOException {
    KeyPairFiles files = KeyPairFiles.read(certificate, key);
    try {
      ServerTls tls = new ServerTls(certificate, key, files);
      long seconds = CHECK_INTERVAL.toSeconds();
      var unused =
          tls.checks.scheduleWithFixedDelay(
              tls.boundary.guard(tls::check), seconds, seconds, TimeUnit.SECONDS);
      return tls;
    } catch (GeneralSecurityException problem) {
      throw new IOException("this JDK does not support TLS: " + problem.getMessage(), problem);
    }
  }

  /**
   * Returns the supported protocol versions, from this one on.
   *
   * @param oldest {@code 1.2} or {@code 1.3}
   */
  public static List<String> versions(String oldest) {
    return oldest.equals("1.3") ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2");
  }

  /** Returns the cipher suites of this JDK with authenticated encryption and forward secrecy. */
  public List<String> suites() {
    return Arrays.stream(context.getDefaultSSLParameters().getCipherSuites())
        .filter(suite -> MODERN.matcher(suite).matches())
        .toList();
  }

  /** Returns the context, which stays the same when the files change. */
  public SSLContext context() {
    return context;
  }

  /** Stops watching; the context keeps the last certificate. */
  @Override
  public void close() {
    checks.shutdownNow();
  }

  /** Checks the files once. */
  synchronized void check() {
    try {
      int now = KeyPairFiles.digest(certificate, key);
      if (now != seen) {
        seen = now;
        current.replace(KeyPairFiles.read(certificate, key));
        LOG.info("new TLS certificate read from {}", certificate);
      }
    } catch (IOException problem) {
      LOG.error("keeping the current TLS certificate: {}", problem.getMessage());
    }
  }
}
