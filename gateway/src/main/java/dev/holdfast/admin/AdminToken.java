package dev.holdfast.admin;

import dev.holdfast.config.EdgeKeys;
import dev.holdfast.config.HostPort;
import dev.holdfast.config.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token that callers of the API must send, kept in a file that only its owner can read.
 * Immutable.
 *
 * @param file where it is kept
 */
public record AdminToken(String value, Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(AdminToken.class);
  private static final int RANDOM_BYTES = 32;
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /**
   * Returns the token of a node: the configured one, or else that of a file, which is created if
   * missing. Empty if there is no token and the admin port is on a loopback address.
   *
   * @throws IOException if there is no token and other machines can reach the admin port
   */
  static Optional<String> of(Settings admin, HostPort listen) throws IOException {
    if (admin.get(EdgeKeys.ADMIN_TOKEN).isPresent()) {
      return admin.get(EdgeKeys.ADMIN_TOKEN);
    }
    try {
      return Optional.of(readOrCreate(admin.get(EdgeKeys.ADMIN_TOKEN_FILE)).value());
    } catch (NoTokenFileException e) {
      if (!InetAddress.getByName(listen.host()).isLoopbackAddress()) {
        throw new IOException(
            "other machines reach admin.listen (%s), and there is no admin token: set admin.token, or admin.token-file to a file that can be created (%s), or admin.listen to a loopback address"
                .formatted(listen, e.getMessage()),
            e);
      }
      LOG.warn(
          "the admin API at {} needs no token, so every user of this machine can call it: set admin.token, or admin.token-file to a file that can be created ({})",
          listen,
          e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Returns the token of the first of these files that exists and is readable.
   *
   * @throws IOException if that file holds no token
   */
  public static Optional<AdminToken> read(List<Path> files) throws IOException {
    for (Path file : files) {
      if (Files.isRegularFile(file) && Files.isReadable(file)) {
        return Optional.of(readFile(file));
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the token of the first of these files that can be read, or created with a random token.
   * Processes that start at the same time get the same one.
   *
   * @throws IOException if a file holds no token
   * @throws NoTokenFileException if no file can be read or created
   */
  static AdminToken readOrCreate(List<Path> files) throws IOException {
    List<String> problems = new ArrayList<>();
    for (Path file : files) {
      try {
        boolean made = !Files.exists(file) && create(file);
        if (made) {
          LOG.info("created a new admin token in {}", file);
        }
        if (Files.isRegularFile(file) && Files.isReadable(file)) {
          warnOfOthers(file);
          return readFile(file);
        }
        problems.add(file + ": cannot be read");
      } catch (FileNotCreatedException e) {
        problems.add(file + ": " + e.getMessage());
      }
    }
    throw new NoTokenFileException(String.join("; ", problems));
  }

  private static void warnOfOthers(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view != null
        && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)) {
      LOG.warn("every user of this machine can read the admin token; run chmod 600 {}", file);
    }
  }

  private static AdminToken readFile(Path file) throws IOException {
    String token = Files.readString(file).strip();
    if (token.length() < EdgeKeys.TOKEN_CHARACTERS) {
      throw new IOException(
          "admin.token-file %s holds no token of at least %d characters; delete it to have a new one created"
              .formatted(file, EdgeKeys.TOKEN_CHARACTERS));
    }
    return new AdminToken(token, file);
  }

  /** Creates the file atomically with its content; returns false if another process was faster. */
  private static boolean create(Path file) throws FileNotCreatedException {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    try {
      // Only the root directory has no parent, and it is not a file.
      Path directory = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
      createDirectory(directory);
      // Created with mode 0600, regardless of the umask.
      Path written = Files.createTempFile(directory, ".admin-token", "");
      try {
        Files.writeString(written, token + "\n");
        Files.createLink(file, written);
      } finally {
        Files.delete(written);
      }
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      throw new FileNotCreatedException(e);
    }
  }

  /**
   * Creates only the last directory: a missing parent, such as a session's runtime directory, stays
   * missing.
   */
  private static void createDirectory(Path directory) throws IOException {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectory(directory, OWNER_ONLY_DIRECTORY);
      }
    } catch (FileAlreadyExistsException e) {
      // Another process was faster.
    }
  }

  /** Omits the token. */
  @Override
  public String toString() {
    return "AdminToken[file=" + file + "]";
  }

  /** Thrown if none of the token files can be read or created. */
  static final class NoTokenFileException extends IOException {
    private static final long serialVersionUID = 1L;

    private NoTokenFileException(String problems) {
      super(problems);
    }
  }

  private static final class FileNotCreatedException extends Exception {
    private static final long serialVersionUID = 1L;

    private FileNotCreatedException(Exception cause) {
      super(cause.getClass().getSimpleName() + " " + cause.getMessage(), cause);
    }
  }
}
