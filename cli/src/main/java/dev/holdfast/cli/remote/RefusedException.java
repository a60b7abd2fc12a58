package dev.holdfast.cli.remote;

import java.io.IOException;

/** Thrown when the nodes were reached and refused the request. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int NOT_FOUND = 404;

  private final int status;

  RefusedException(int status, String sentence) {
    super(sentence);
    this.status = status;
  }

  /** Returns whether the named object does not exist. */
  public boolean isNotFound() {
    return status == NOT_FOUND;
  }
}
