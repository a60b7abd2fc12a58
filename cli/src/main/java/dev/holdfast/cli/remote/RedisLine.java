package dev.holdfast.cli.remote;

import dev.holdfast.admin.Api;
import dev.holdfast.config.Settings;
import dev.holdfast.redis.Observer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Answers calls from the data in Redis, and sends commands through it. */
final class RedisLine implements Remote.Line {
  private final Observer observer;
  private final Api api;

  RedisLine(Settings settings) throws IOException {
    this.observer = Observer.of(settings);
    this.api = new Api(observer, Optional.empty());
  }

  @Override
  public Api.Reply call(Api.Call call) throws IOException {
    try {
      return api.answer(call).toCompletableFuture().join();
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw cause == null ? new IOException(e) : cause;
    }
  }

  @Override
  public void close() {
    observer.close();
  }
}
