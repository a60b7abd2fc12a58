package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transports and sessions without a client are shared among addresses, when they are short. */
final class SessionShareIT {
  private static final String MANY = "127.0.0.2";
  private static final String FEW = "127.0.0.3";
  private static final String OTHER = "127.0.0.9";
  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";

  private final LogLines log = new LogLines();
  private final RawSockets sockets = new RawSockets();

  @AfterEach
  void closeAll() throws IOException {
    log.close();
    sockets.close();
  }

  private static String token(String user, String secret) {
    return JWT.create().withClaim("id", user).sign(Algorithm.HMAC256(secret));
  }

  private RawWebSocket open(TestNode node, String from) throws IOException {
    return RawWebSocket.open(sockets.connect(node, from));
  }

  private RawWebSocket connected(TestNode node, String from, String token) throws IOException {
    return open(node, from).connect(token, "");
  }

  private RawWebSocket parked(TestNode node, String from, String token)
      throws IOException, InterruptedException {
    RawWebSocket client = connected(node, from, token);
    client.lose();
    node.awaitMetric("holdfast_quota_taken{resource=\"transports\"} 0.0");
    return client;
  }

  private void resumes(TestNode node, String from, String token, RawWebSocket parked)
      throws IOException {
    RawWebSocket back = open(node, from).connect(token, parked.pid());

    assertThat(back.sid()).isEqualTo(parked.sid());
  }

  @Test
  void whoKnowsTheIdOfAUserThatNobodyVerifiesEndsNoneOfTheirSessions() throws Exception {
    // Programs that never resume would be parked no more.
    try (TestNode node = TestNode.with("resume.mode", "marker")) {
      String theirs = token("u1", SECRET);
      RawWebSocket first = parked(node, OTHER, theirs);
      node.awaitMetric("holdfast_sessions_parked 1.0");

      String forged = token("u1", "whatever-else-has-32-bytes-or-more");
      for (int i = 0; i < 40; i++) {
        parked(node, MANY, forged);
      }
      node.awaitMetric("holdfast_sessions_parked 41.0");

      resumes(node, OTHER, theirs, first);
    }
  }

  @Test
  void verifiedUserHasSoManySessionsWithoutAClient() throws Exception {
    try (TestNode node = TestNode.with("auth.secret-key", SECRET, "resume.parked-per-user", "2")) {
      for (int i = 0; i < 3; i++) {
        parked(node, i == 0 ? OTHER : MANY, token("u1", SECRET));
      }
      parked(node, MANY, token("u2", SECRET));

      node.awaitMetric("holdfast_sessions_closed_total{reason=\"parked-per-user\"} 1.0");
      node.awaitMetric("holdfast_sessions_parked 3.0");
    }
  }

  @Test
  void addressThatHasParkedItsShareParksNoMoreWhenItIsShort() throws Exception {
    try (TestNode node = TestNode.with("limits.connections", "10")) {
      for (int i = 0; i < 9; i++) {
        parked(node, MANY, token("u" + i, SECRET));
      }
      node.awaitMetric("holdfast_sessions_closed_total{reason=\"parked-share\"} 1.0");
      node.awaitMetric("holdfast_quota_taken{resource=\"parked-sessions\"} 8.0");

      RawWebSocket other = parked(node, OTHER, token("v", SECRET));
      node.awaitMetric("holdfast_quota_taken{resource=\"parked-sessions\"} 9.0");
      resumes(node, OTHER, token("v", SECRET), other);

      node.awaitMetric("holdfast_quota_taken{resource=\"parked-sessions\"} 8.0");
    }
  }

  @Test
  void oldestSessionOfTheAddressThatParkedMostEndsWhenItIsShort() throws Exception {
    try (TestNode node = TestNode.with("limits.connections", "10")) {
      for (int i = 0; i < 8; i++) {
        parked(node, MANY, token("u" + i, SECRET));
      }
      node.awaitMetric("holdfast_sessions_parked 8.0");
      RawWebSocket one = parked(node, FEW, token("v", SECRET));
      RawWebSocket two = parked(node, OTHER, token("w", SECRET));

      node.awaitMetric("holdfast_sessions_closed_total{reason=\"parked-share\"} 1.0");
      node.awaitMetric("holdfast_quota_cut_total{resource=\"parked-sessions\"} 1.0");
      resumes(node, FEW, token("v", SECRET), one);
      resumes(node, OTHER, token("w", SECRET), two);
    }
  }

  @Test
  void transportWithoutAConnectIsCutForOthers() throws Exception {
    try (TestNode node = TestNode.with("limits.connections", "10")) {
      RawWebSocket oldest = open(node, MANY);
      for (int i = 0; i < 7; i++) {
        open(node, MANY);
      }
      node.awaitMetric("holdfast_transports{kind=\"websocket\"} 8.0");

      RawWebSocket one = connected(node, FEW, token("v", SECRET));
      RawWebSocket two = connected(node, OTHER, token("w", SECRET));

      assertThat(oldest.message()).startsWith("0{");
      assertThat(oldest.message()).isEqualTo("1013 connect-share");
      node.awaitTransportClosed("connect-share");
      log.await("connect-share");
      assertThat(one.sid()).isNotEqualTo(two.sid());
    }
  }

  @Test
  void transportOfASessionIsNotCut() throws Exception {
    try (TestNode node = TestNode.with("limits.connections", "10")) {
      for (int i = 0; i < 8; i++) {
        connected(node, MANY, token("u" + i, SECRET));
      }
      connected(node, FEW, token("v", SECRET));
      connected(node, OTHER, token("w", SECRET));

      node.awaitMetric("holdfast_sessions 10.0");
      node.awaitMetric("holdfast_quota_cut_total{resource=\"transports\"} 0.0");
    }
  }

  /** An office, or a proxy that nobody has listed, is one address. */
  @Test
  void manyUsersOfOneAddressAllResume() throws Exception {
    int users = 2_000;
    try (TestNode node = TestNode.with()) {
      List<RawWebSocket> all = new ArrayList<>();
      for (int i = 0; i < users; i++) {
        all.add(connected(node, MANY, token("u" + i, SECRET)));
      }
      sockets.close();
      node.awaitMetric("holdfast_sessions_parked 2000.0");

      for (int i = 0; i < users; i++) {
        resumes(node, MANY, token("u" + i, SECRET), all.get(i));
      }

      node.awaitMetric("holdfast_resumes_total{result=\"recovered\"} 2000.0");
      assertThat(node.admin("/metrics").body()).doesNotContain("holdfast_refused_total{");
    }
  }
}
