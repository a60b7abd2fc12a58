package dev.holdfast.cli.remote;

import java.io.IOException;

/** The nodes were reached, and say that they cannot do that. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int NOT_FOUND = 404;

  private final int status;

  RefusedException(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  /** Whether what was named is not there. */
  public boolean isNotFound() {
    return status == NOT_FOUND;
  }
}
