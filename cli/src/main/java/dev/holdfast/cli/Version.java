package dev.holdfast.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** What this program is called and which one it is. */
final class Version implements IVersionProvider {
  /** The version of the jar; {@code development} outside of one. */
  static String number() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"holdfast " + number(), "Java " + Runtime.version()};
  }
}
