package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.demo.StandIn;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CheckCommandTest {
  @Test
  void goodUpstreamIsZero() throws IOException {
    try (StandIn upstream = StandIn.start()) {
      String url = ServeCommand.url("http", upstream.address());

      Ran table = Ran.command("check", "--upstream", url);
      Ran json = Ran.command("check", "--upstream", url, "--json");

      assertThat(table.out())
          .contains(url)
          .containsPattern("ok +websockets")
          .contains("all is well");
      assertThat(table.code()).isZero();
      assertThat(json.out())
          .startsWith("{\"ok\":true,\"problems\":[],\"notices\":[],\"upstreams\":[{\"url\":");
      assertThat(json.code()).isZero();
    }
  }

  @Test
  void upstreamThatIsAwayIsOne() throws IOException {
    StandIn upstream = StandIn.start();
    String url = ServeCommand.url("http", upstream.address());
    upstream.close();

    Ran ran = Ran.command("check", "--upstream", url);

    assertThat(ran.code()).isOne();
    assertThat(ran.out()).containsPattern("FAIL +reachable").contains("not fit to serve");
  }

  @Test
  void redisThatIsAwayIsOne() throws IOException {
    try (StandIn upstream = StandIn.start()) {
      String url = ServeCommand.url("http", upstream.address());
      String[] check = {"check", "--upstream", url, "--set", "redis.url=redis://127.0.0.1:1"};

      Ran ran = Ran.command(check);

      assertThat(ran.code()).isOne();
      assertThat(ran.out()).containsPattern("redis\n  FAIL  reachable +unreachable: ");
    }
  }

  @Test
  void warningsOfTheSettingsAreShown() throws IOException {
    try (StandIn upstream = StandIn.start()) {
      String url = ServeCommand.url("http", upstream.address());
      String secret = "auth.secret-key=a secret of the tests";

      Ran table = Ran.command("check", "--upstream", url, "--set", secret);
      Ran json = Ran.command("check", "--upstream", url, "--set", secret, "--json");

      assertThat(table.out()).containsPattern("settings are valid\n  WARN  auth.secret-key holds");
      assertThat(json.out()).contains("\"notices\":[\"auth.secret-key holds a secret");
      assertThat(table.code()).isZero();
    }
  }

  @Test
  void badSettingIsTwo() {
    Ran ran = Ran.command("check", "--json", "--upstream", "ftp://a");

    assertThat(ran)
        .isEqualTo(
            new Ran(
                2,
                "{\"ok\":false,\"problems\":[{\"key\":\"upstreams\",\"source\":\"--upstream\","
                    + "\"value\":\"ftp://a\",\"expected\":\"must start with http:// or https://\"}],"
                    + "\"notices\":[],\"upstreams\":[],\"redis\":[],\"nodes\":[]}\n",
                ""));
  }
}
