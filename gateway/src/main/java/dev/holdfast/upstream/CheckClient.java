package dev.holdfast.upstream;

import java.io.Closeable;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** The HTTP client of health checks, with its few threads. Thread-safe. */
record CheckClient(HttpClient http, ExecutorService threads) implements Closeable {
  private static final int THREADS = 2;

  static CheckClient open(SSLContext tls, Duration connectTimeout) {
    ExecutorService threads =
        Executors.newFixedThreadPool(THREADS, Watchers.daemon("upstream-check"));
    HttpClient http =
        HttpClient.newBuilder()
            // An HTTP proxy of the machine is not on the way of the links either.
            .proxy(HttpClient.Builder.NO_PROXY)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .sslContext(tls)
            .executor(threads)
            .build();
    return new CheckClient(http, threads);
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
