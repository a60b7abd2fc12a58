package dev.holdfast.injection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What clients and operators do in one run. Whatever is thrown in the node, each of them gets an
 * answer or the end of its connection.
 */
enum Scenario {
  /** Nothing: what the node does by itself, over some of its beats and health checks. */
  IDLE {
    @Override
    void run(Place at) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(600);
      while (System.nanoTime() < end && !FaultPoints.hasThrown()) {
        TimeUnit.MILLISECONDS.sleep(2);
      }
    }
  },
  REQUESTS {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        expect("200 {\"status\":true}", peer.send(get("/one")).response());
        expect("200 {\"status\":true}", peer.send(get("/two")).response());
      }
    }
  },
  PIPELINE {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        peer.send(get("/one") + get("/two"));
        expect("200 {\"status\":true}", peer.response());
        expect("200 {\"status\":true}", peer.response());
      }
    }
  },
  POST {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        peer.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc").send("def");
        expect("200 {\"status\":true}", peer.response());
        peer.send("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        expect("200 {\"status\":true}", peer.send("3\r\ndef\r\n0\r\n\r\n").response());
      }
    }
  },
  EXPECTATION {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        peer.send(
            "POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        if (peer.head().startsWith("HTTP/1.1 100 ")) {
          expect("200 {\"status\":true}", peer.send("abc").response());
        }
      }
    }
  },
  CHUNKED {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        peer.send("GET /chunked HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").rest();
      }
    }
  },
  /** What a client does not read waits, and it gets its turn again. */
  LARGE {
    @Override
    void run(Place at) throws IOException, InterruptedException {
      try (Peer peer = new Peer(at.clients(), 8192)) {
        peer.send(get("/large"));
        TimeUnit.MILLISECONDS.sleep(5);
        peer.response();
      }
    }
  },
  CUT_UPSTREAM {
    @Override
    void run(Place at) throws IOException {
      for (String path : List.of("/cut", "/gone")) {
        try (Peer peer = new Peer(at.clients())) {
          peer.send("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").rest();
        }
      }
    }
  },
  GONE_CLIENT {
    @Override
    void run(Place at) throws IOException {
      new Peer(at.clients())
          .send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
          .close();
      new Peer(at.clients()).send(get("/slow")).close();
      new Peer(at.clients()).close();
    }
  },
  HEADS {
    @Override
    void run(Place at) throws IOException, InterruptedException {
      try (Peer peer = new Peer(at.clients())) {
        peer.send("GET /one HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(3000));
        TimeUnit.MILLISECONDS.sleep(2);
        expect("200 {\"status\":true}", peer.send("\r\n\r\n").response());
      }
      try (Peer peer = new Peer(at.clients())) {
        peer.send("GET /one HTTP/1.1\r\nHost: h\r\n X: folded\r\n\r\n").rest();
      }
    }
  },
  TUNNEL {
    @Override
    void run(Place at) throws IOException {
      for (String end : List.of("", "!")) {
        try (Peer peer = new Peer(at.clients())) {
          peer.send("GET /tunnel HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
          if (peer.head().startsWith("HTTP/1.1 101 ")) {
            peer.skip("hello").send("over and back").skip("over and back");
            peer.send(end);
            if (!end.isEmpty()) {
              peer.rest();
            }
          }
        }
      }
    }
  },
  /** More requests than connections to the upstream. */
  QUEUE {
    @Override
    void run(Place at) throws IOException {
      List<Peer> peers = new ArrayList<>();
      try {
        for (int i = 0; i < Node.CONNECTIONS + 2; i++) {
          peers.add(new Peer(at.clients()).send(get("/slow")));
        }
        IOException failed = null;
        for (Peer peer : peers) {
          try {
            peer.response();
          } catch (java.net.SocketTimeoutException silent) {
            throw silent;
          } catch (IOException ended) {
            failed = ended;
          }
        }
        if (failed != null) {
          throw failed;
        }
      } finally {
        for (Peer peer : peers) {
          peer.close();
        }
      }
    }
  },
  POLLING {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        String path = "/ws/socket.io/?EIO=4&transport=polling";
        String opened = peer.send(get(path)).response();
        int from = opened.indexOf("\"sid\":\"") + 7;
        if (from < 7) {
          return;
        }
        path += "&sid=" + opened.substring(from, opened.indexOf('"', from));
        String head = "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: ";
        peer.send(head + "4\r\n\r\n40").send("{}").response();
        peer.send(get(path)).response();
        peer.send(head + "1\r\n\r\n1").response();
      }
    }
  },
  WEBSOCKET {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        peer.send(Node.UPGRADE);
        if (peer.head().startsWith("HTTP/1.1 101 ")) {
          peer.frame("40{}").frameWith("40");
          peer.frame("42[\"e\"]").frameWith("42");
        }
      }
    }
  },
  /** More than sockets hold comes over a link, while its client does not read. */
  FLOOD {
    @Override
    void run(Place at) throws IOException, InterruptedException {
      try (Peer peer = new Peer(at.clients(), 8192)) {
        peer.send(Node.UPGRADE);
        if (peer.head().startsWith("HTTP/1.1 101 ")) {
          peer.frame("40{}").frameWith("40");
          peer.frame("42[\"flood\",6000]");
          TimeUnit.MILLISECONDS.sleep(20);
          for (int i = 0; i < 6000; i++) {
            peer.frameWith("42");
          }
        }
      }
    }
  },
  PROBES {
    @Override
    void run(Place at) throws IOException {
      for (String path : List.of("/healthz", "/readyz", "/metrics", "/nothing")) {
        try (Peer peer = new Peer(at.operators())) {
          peer.send("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").rest();
        }
      }
    }
  },
  API {
    @Override
    void run(Place at) throws IOException {
      for (String call :
          List.of(
              "GET /api/v1/sessions",
              "GET /api/v1/nodes",
              "GET /api/v1/upstreams",
              "GET /api/v1/why?sid=none",
              "POST /api/v1/kick?sid=none")) {
        call(at, call);
      }
    }
  },
  KICK {
    @Override
    void run(Place at) throws IOException {
      try (Peer peer = new Peer(at.clients())) {
        peer.send(Node.UPGRADE);
        if (peer.head().startsWith("HTTP/1.1 101 ")) {
          String reply = peer.frame("40{}").frameWith("40");
          int from = reply.indexOf("\"sid\":\"") + 7;
          call(at, "GET /api/v1/why?sid=" + reply.substring(from, reply.indexOf('"', from)));
          call(at, "POST /api/v1/kick?sid=" + reply.substring(from, reply.indexOf('"', from)));
          // A kick that was lost has to be repeated, and the session goes on meanwhile.
          if (!FaultPoints.hasThrown()) {
            peer.rest();
          }
        }
      }
    }
  },
  DRAIN {
    @Override
    void run(Place at) throws IOException {
      call(at, "POST /api/v1/drain?upstream=" + at.spare());
      call(at, "POST /api/v1/undrain?upstream=" + at.spare());
    }
  };

  /** Where they connect to; {@code spare} is the name of an upstream that nobody needs. */
  record Place(InetSocketAddress clients, InetSocketAddress operators, String spare) {}

  /**
   * Does it.
   *
   * @throws java.net.SocketTimeoutException if somebody waits in vain
   * @throws IOException if somebody's connection has ended
   */
  abstract void run(Place at) throws IOException, InterruptedException;

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }

  private static void call(Place at, String call) throws IOException {
    try (Peer peer = new Peer(at.operators())) {
      peer.send(
              call
                  + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                  + Node.TOKEN
                  + "\r\n\r\n")
          .rest();
    }
  }

  private static void expect(String wanted, String got) {
    if (!got.equals(wanted) && got.startsWith("2")) {
      throw new AssertionError("an answer of nobody: " + got);
    }
  }
}
