package dev.holdfast;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Configuration;
import dev.holdfast.config.Flag;
import dev.holdfast.config.Settings;
import dev.holdfast.http1.AcceptGate;
import dev.holdfast.memory.TestQuotas;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.time.Awaiting;
import dev.holdfast.time.ManualTimers;
import io.undertow.server.HttpHandler;
import io.undertow.util.SameThreadExecutor;
import java.lang.reflect.Field;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioIoThread;
import org.xnio.XnioWorker;

/** What stays of a connection at the port that clients connect to. */
class PublicListenerIT {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private XnioWorker worker;

  @BeforeEach
  void start() throws Exception {
    worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
  }

  @AfterEach
  void stop() {
    worker.shutdownNow();
  }

  private PublicListener listening(HttpHandler handler) throws Exception {
    List<Flag> flags = List.of(new Flag("--listen", "listen", "127.0.0.1:0"));
    Settings settings = Configuration.load(flags, Map.of(), Optional.empty()).settings();
    AcceptGate gate = new AcceptGate(Long.MAX_VALUE, () -> 0, new ManualTimers());
    return PublicListener.open(settings, worker, new Metrics(), TestQuotas.plenty(), gate, handler);
  }

  private Socket asking(PublicListener listener) throws Exception {
    Socket client = new Socket(listener.address().getAddress(), listener.address().getPort());
    client.getOutputStream().write(REQUEST.getBytes(US_ASCII));
    return client;
  }

  /** Tasks that an I/O thread has to run later; XNIO does not tell of them. */
  private Collection<?> timers() {
    try {
      XnioIoThread thread = worker.getIoThread(0);
      Field queue = thread.getClass().getDeclaredField("delayWorkQueue");
      queue.setAccessible(true);
      Field lock = thread.getClass().getDeclaredField("workLock");
      lock.setAccessible(true);
      synchronized (lock.get(thread)) {
        return List.copyOf((Collection<?>) queue.get(thread));
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Undertow ends the request when all have heard of the close. */
  private void whatFollowsAClose() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    worker.getIoThread(0).execute(over::countDown);
    over.await();
  }

  @Test
  void connectionThatClosesWithinARequestLeavesNoTimer() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    HttpHandler breaksOff =
        exchange -> {
          exchange.getConnection().addCloseListener(gone -> closed.countDown());
          exchange.dispatch(
              SameThreadExecutor.INSTANCE, () -> IoUtils.safeClose(exchange.getConnection()));
        };
    try (PublicListener listener = listening(breaksOff);
        Socket client = asking(listener)) {
      closed.await();
      whatFollowsAClose();

      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(timers()).isEmpty();
    }
  }

  @Test
  void connectionWithoutRequestKeepsItsTimer() throws Exception {
    try (PublicListener listener =
            listening(exchange -> exchange.getResponseSender().send("hello"));
        Socket client = asking(listener)) {
      assertThat(client.getInputStream().read()).isEqualTo('H');

      Awaiting.until(() -> timers().size() == 1);
    }
  }
}
