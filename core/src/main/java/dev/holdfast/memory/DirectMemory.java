package dev.holdfast.memory;

/** Recognizes errors caused by exhausted direct memory. */
public final class DirectMemory {
  /** The message of every JDK since 17 when {@code MaxDirectMemorySize} is reached. */
  private static final String MESSAGE = "direct buffer memory";

  private DirectMemory() {}

  /** Returns whether this error means that no direct buffer could be reserved. */
  public static boolean isUsedUp(OutOfMemoryError error) {
    return String.valueOf(error.getMessage()).contains(MESSAGE);
  }
}
