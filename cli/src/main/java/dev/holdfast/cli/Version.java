package dev.holdfast.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The name and version of the program. */
final class Version implements IVersionProvider {
  /** Returns the version of the jar, or {@code development} outside of one. */
  static String number() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"holdfast " + number(), "Java " + Runtime.version()};
  }
}
