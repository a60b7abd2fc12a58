package dev.holdfast.http1;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it hears, on any thread. */
final class RecordingHttpListener implements HttpListener {
  final List<String> refused = new CopyOnWriteArrayList<>();
  final List<String> errors = new CopyOnWriteArrayList<>();

  @Override
  public void refused(String reason) {
    refused.add(reason);
  }

  @Override
  public void internalError(String where) {
    errors.add(where);
  }
}
