package dev.holdfast.memory;

/** Tells direct memory that is used up from other errors. */
public final class DirectMemory {
  /** What every JDK from 17 on says when {@code MaxDirectMemorySize} leaves no room. */
  private static final String MESSAGE = "direct buffer memory";

  private DirectMemory() {}

  /** Whether this says that no direct buffer could be reserved. */
  public static boolean isUsedUp(OutOfMemoryError error) {
    return String.valueOf(error.getMessage()).contains(MESSAGE);
  }
}
