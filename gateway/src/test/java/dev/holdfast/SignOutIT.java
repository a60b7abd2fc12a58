package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions end with their token, on two nodes of which one has seen the sign-out. */
class SignOutIT {
  private static final String OPEN = "EIO=4&transport=websocket";
  private static final String SECRET = "a-secret-of-open-webui-with-32-bytes";
  private static final String SIGN_OUT = "/api/v1/auths/signout";

  private final List<TestCluster> started = new ArrayList<>();

  @AfterEach
  void stop() {
    started.forEach(TestCluster::close);
  }

  private void start(String... settings) throws Exception {
    started.add(TestCluster.of(2, settings));
  }

  private TestNode node(int index) {
    return started.get(0).node(index);
  }

  /** One of the tokens of a user. */
  private static String token(String user, int number) {
    return JWT.create()
        .withClaim("id", user)
        .withClaim("jti", number)
        .sign(Algorithm.HMAC256(SECRET));
  }

  /** A client, and what it needs to come back. */
  private record Tab(TestClient client, WebSocket socket, String token, String pid) {}

  private Tab open(int node, String token) throws Exception {
    return open(node, token, "40{\"token\":\"" + token + "\"}");
  }

  private Tab open(int node, String token, String connect) throws Exception {
    TestClient client = new TestClient();
    WebSocket socket = node(node).webSocket(OPEN, client);
    assertThat(client.text()).startsWith("0{");
    socket.sendText(connect, true).join();
    String reply = client.message();
    assertThat(reply).startsWith("40{");
    return new Tab(client, socket, token, reply.replaceFirst(".*\"pid\":\"([^\"]+)\".*", "$1"));
  }

  private Tab parked(int node, String token) throws Exception {
    Tab tab = open(node, token);
    tab.socket().sendText("42[\"e\"]", true).join();
    assertThat(tab.client().message()).startsWith("42[");
    tab.socket().abort();
    node(node).awaitMetric("holdfast_sessions_parked 1.0");
    return tab;
  }

  private static String resume(Tab tab, String token) {
    return "40{\"token\":\"" + token + "\",\"pid\":\"" + tab.pid() + "\",\"offset\":\"\"}";
  }

  private int request(String method, String path, String authorization) {
    URI uri = URI.create("http://127.0.0.1:" + node(0).port() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Authorization", authorization);
    HttpResponse<String> answer = node(0).send(request);
    return answer.statusCode();
  }

  private int signOut(String token, String query) {
    return request("POST", SIGN_OUT + query, "Bearer " + token);
  }

  private static void echoes(Tab tab) throws Exception {
    tab.socket().sendText("42[\"still here\"]", true).join();
    String answer = tab.client().message();
    while (!answer.startsWith("42[\"still here\"")) {
      answer = tab.client().message();
    }
  }

  private void awaitSessions(int node, int count) throws Exception {
    node(node).awaitMetric("holdfast_sessions " + count + ".0");
  }

  @Test
  void tokenThatIsSignedOutEndsItsSessionsOnAllNodesAndNoOthers() throws Exception {
    start();
    Tab here = open(0, token("u1", 1));
    Tab elsewhere = open(1, token("u1", 1));
    Tab laptop = open(0, token("u1", 2));
    Tab laptopElsewhere = open(1, token("u1", 2));

    assertThat(signOut(token("u1", 1), "")).isEqualTo(200);

    assertThat(here.client().closed()).isEqualTo("1008 signed-out");
    assertThat(elsewhere.client().closed()).isEqualTo("1008 signed-out");
    echoes(laptop);
    echoes(laptopElsewhere);
    node(1).awaitMetric("holdfast_sessions_closed_total{reason=\"signed-out\"} 1.0");
  }

  @Test
  void redirectToAnIdentityProviderSignsOutToo() throws Exception {
    start();
    Tab tab = open(1, token("u1", 1));

    assertThat(signOut(token("u1", 1), "?status=302")).isEqualTo(302);

    assertThat(tab.client().closed()).isEqualTo("1008 signed-out");
  }

  @Test
  void refusedSignOutEndsNothing() throws Exception {
    start();
    Tab tab = open(0, token("u1", 1));

    for (int status : new int[] {401, 403, 404, 500, 503}) {
      assertThat(signOut(token("u1", 1), "?status=" + status)).isEqualTo(status);
    }
    echoes(tab);

    assertThat(signOut(token("u1", 1), "")).isEqualTo(200);
    assertThat(tab.client().closed()).isEqualTo("1008 signed-out");
  }

  @Test
  void parkedSessionOfASignedOutTokenIsGone() throws Exception {
    start();
    Tab away = parked(1, token("u1", 1));
    Tab laptop = open(1, token("u1", 2));

    assertThat(signOut(token("u1", 1), "")).isEqualTo(200);

    awaitSessions(1, 1);
    Tab back = open(1, away.token(), resume(away, away.token()));
    assertThat(back.pid()).isNotEqualTo(away.pid());
    node(1).awaitMetric("holdfast_resumes_total{result=\"expired\"} 1.0");
    echoes(laptop);
  }

  @Test
  void loginPageThatJoinsLaterEndsWithTheTokenThatItJoinedWith() throws Exception {
    start();
    Tab tab = open(0, "", "40");
    String join = "42[\"user-join\",{\"auth\":{\"token\":\"" + token("u1", 1) + "\"}}]";
    tab.socket().sendText(join, true).join();
    assertThat(tab.client().message()).startsWith("42[\"user-join\"");

    assertThat(signOut(token("u1", 1), "")).isEqualTo(200);

    assertThat(tab.client().closed()).isEqualTo("1008 signed-out");
  }

  @Test
  void sessionThatIsSplicedEndsAtBothNodes() throws Exception {
    start();
    Tab away = parked(1, token("u1", 1));
    Tab back = open(0, away.token(), resume(away, away.token()));
    node(1).awaitMetric("holdfast_sessions_parked 0.0");

    assertThat(signOut(token("u1", 1), "")).isEqualTo(200);

    assertThat(back.client().closed()).isEqualTo("1008 signed-out");
    awaitSessions(1, 0);
    node(0).awaitTransportClosed("signed-out");
  }

  @Test
  void sessionEndsWithTheLaterTokenOfItsUserThatItWasResumedWith() throws Exception {
    start("auth.secret-key", SECRET);
    Tab away = parked(1, token("u1", 1));
    Tab back = open(1, token("u1", 2), resume(away, token("u1", 2)));
    node(1).awaitMetric("holdfast_resumes_total{result=\"recovered\"} 1.0");

    assertThat(signOut(token("u1", 2), "")).isEqualTo(200);

    assertThat(back.client().closed()).isEqualTo("1008 signed-out");
  }

  @Test
  void sessionIsResumedWithNoOtherToken() throws Exception {
    start("auth.secret-key", SECRET);
    Tab away = parked(1, token("u1", 1));

    Tab thief = open(1, token("u2", 1), resume(away, token("u2", 1)));
    node(1).awaitMetric("holdfast_resumes_total{result=\"foreign\"} 1.0");
    Tab back = open(1, away.token(), resume(away, away.token()));

    assertThat(thief.pid()).isNotEqualTo(away.pid());
    node(1).awaitMetric("holdfast_resumes_total{result=\"recovered\"} 1.0");
    echoes(back);
  }

  @Test
  void sessionEndsWhenItsVerifiedTokenExpires() throws Exception {
    start("auth.secret-key", SECRET);
    Instant expires = Instant.now().plusSeconds(3);
    Tab tab = open(1, expiring(SECRET, expires));
    Tab forged = open(1, expiring("another-secret-of-more-than-32-bytes", expires));
    Tab other = open(1, token("u1", 1));

    assertThat(tab.client().closed()).isEqualTo("1008 expired");

    assertThat(Instant.now()).isAfter(expires.minusSeconds(1));
    echoes(forged);
    echoes(other);
  }

  private static String expiring(String secret, Instant expires) {
    return JWT.create()
        .withClaim("id", "u1")
        .withExpiresAt(expires)
        .sign(Algorithm.HMAC256(secret));
  }

  @Test
  void userWhomAnAdministratorChangesLosesAllSessions() throws Exception {
    start("auth.secret-key", SECRET);
    Tab here = open(0, token("u1", 1));
    Tab elsewhere = open(1, token("u1", 2));
    Tab other = open(1, token("u2", 1));

    assertThat(request("POST", "/api/v1/users/u1/update?status=401", "Bearer x")).isEqualTo(401);
    echoes(here);
    assertThat(request("POST", "/api/v1/users/u1/update", "Bearer sk-admin")).isEqualTo(200);
    assertThat(here.client().closed()).isEqualTo("1008 user-changed");
    assertThat(elsewhere.client().closed()).isEqualTo("1008 user-changed");
    echoes(other);
    assertThat(request("DELETE", "/api/v1/users/u2", "Bearer sk-admin")).isEqualTo(200);

    assertThat(other.client().closed()).isEqualTo("1008 user-changed");
  }

  /** Anybody can write a token that names somebody else. */
  @Test
  void usersThatNobodyVerifiesAreLeftAlone() throws Exception {
    start();
    Tab tab = open(0, token("u1", 1));

    assertThat(request("DELETE", "/api/v1/users/u1", "Bearer sk-admin")).isEqualTo(200);

    echoes(tab);
  }

  @Test
  void nothingEndsWhenItIsSwitchedOff() throws Exception {
    start("auth.revoke-sessions", "false", "auth.secret-key", SECRET);
    Tab tab = open(0, token("u1", 1));

    assertThat(signOut(token("u1", 1), "")).isEqualTo(200);
    assertThat(request("DELETE", "/api/v1/users/u1", "Bearer sk-admin")).isEqualTo(200);

    echoes(tab);
  }
}
