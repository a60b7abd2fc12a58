package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tls.PemPair;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that serve TLS speak it to each other, under whichever address they are registered. */
class NodeTlsIT {
  @TempDir private static Path folder;

  @Test
  void nodeIsTrustedByItsCertificateAndNotByItsAddress() throws Exception {
    PemPair ours = PemPair.create(folder, "ours", "EC", "chat.example");
    PemPair other = PemPair.create(folder, "other", "EC", "chat.example");
    Stranger http = new Stranger();
    try (TestCluster cluster = TestCluster.of(2, tls(ours))) {
      cluster.add(tls(other));
      String sid = sidOf(http.get(cluster.node(0), ""));

      assertThat(http.post(cluster.node(1), sid)).isEqualTo("ok");
      assertThat(http.post(cluster.node(2), sid)).contains("Session ID unknown");
    }
  }

  private static String[] tls(PemPair pair) {
    return new String[] {
      "tls.certificate", pair.certificate().toString(), "tls.key", pair.key().toString()
    };
  }

  private static String sidOf(String open) {
    return open.replaceFirst(".*\"sid\":\"([^\"]+)\".*", "$1");
  }

  /** A client that does not mind who answers. */
  private static final class Stranger {
    private final HttpClient client;

    Stranger() throws Exception {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Anybody()}, null);
      client = HttpClient.newBuilder().sslContext(context).build();
    }

    String get(TestNode node, String query) throws Exception {
      return send(HttpRequest.newBuilder(uri(node, query)));
    }

    String post(TestNode node, String sid) throws Exception {
      return send(
          HttpRequest.newBuilder(uri(node, "&sid=" + sid))
              .POST(HttpRequest.BodyPublishers.ofString("40")));
    }

    private static URI uri(TestNode node, String query) {
      return URI.create(
          "https://127.0.0.1:" + node.port() + "/ws/socket.io/?EIO=4&transport=polling" + query);
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
