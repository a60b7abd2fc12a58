package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Settings;
import dev.holdfast.wire.ConnectCallback;
import dev.holdfast.wire.DialFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

class NodeDialerIT {
  private static final int THREADS = 4;
  private static final int TIMES = 100;

  private final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
  private final XnioWorker worker;

  NodeDialerIT() throws Exception {
    worker =
        Xnio.getInstance()
            .createWorker(OptionMap.builder().set(Options.WORKER_IO_THREADS, THREADS).getMap());
  }

  @AfterEach
  void stop() {
    worker.shutdown();
  }

  @Test
  void threadsThatDialANodeFirstAtTheSameTimeAllReachIt() throws Exception {
    try (ServerSocket node =
        new ServerSocket(0, THREADS * TIMES, InetAddress.getLoopbackAddress())) {
      for (int time = 0; time < TIMES; time++) {
        try (NodeDialer fresh = NodeDialer.of(Settings.of(Map.of()), worker, () -> {})) {
          dialFromAllThreads(
              fresh, InetSocketAddress.createUnresolved("127.0.0.1", node.getLocalPort()));
          for (int thread = 0; thread < THREADS; thread++) {
            assertThat(outcomes.poll(20, TimeUnit.SECONDS)).isEqualTo("connected");
          }
        }
      }
    }
  }

  private void dialFromAllThreads(NodeDialer dialer, InetSocketAddress where) {
    CountDownLatch ready = new CountDownLatch(THREADS);
    for (int i = 0; i < THREADS; i++) {
      var thread = worker.getIoThread(i);
      thread.execute(
          () -> {
            ready.countDown();
            while (ready.getCount() > 0) {
              Thread.onSpinWait();
            }
            dialer.connect(where, thread, new Noted());
          });
    }
  }

  private final class Noted implements ConnectCallback {
    @Override
    public void connected(StreamConnection connection) {
      IoUtils.safeClose(connection);
      outcomes.add("connected");
    }

    @Override
    public void failed(DialFailure failure) {
      outcomes.add(failure.sentence());
    }
  }
}
