package dev.holdfast.simulation;

/** What the copy of {@code ErrorBoundary} calls that is run for the injector, at each entry. */
public final class Entries {
  /** Of the conversation that runs now. */
  static Injector injector = Injector.none();

  private Entries() {}

  /** Something enters a boundary. */
  public static void entered() {
    injector.at(Injector.Place.ENTRY);
  }
}
