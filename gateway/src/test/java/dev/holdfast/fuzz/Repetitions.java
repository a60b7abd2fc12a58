package dev.holdfast.fuzz;

/** How often random tests repeat: with {@code CI=true} more often than on a developer's machine. */
public final class Repetitions {
  private static final boolean CI = "true".equals(System.getenv("CI"));

  private Repetitions() {}

  /**
   * Returns the value of a system property, or else one of these.
   *
   * @param property name of the property
   */
  public static int of(String property, int locally, int inCi) {
    return Integer.getInteger(property, CI ? inCi : locally);
  }
}
