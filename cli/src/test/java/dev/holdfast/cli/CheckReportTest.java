package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.upstream.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CheckReportTest {
  private final StringWriter out = new StringWriter();
  private final CheckReport report = new CheckReport(new PrintWriter(out));

  private static CheckReport.Found nodes(Finding... nodes) {
    return new CheckReport.Found(List.of(), Map.of(), List.of(), List.of(nodes));
  }

  @Test
  void nodeThatIsNotReachedIsAFailure() {
    report.table(
        nodes(new Finding("a", true, "takes it"), new Finding("b", false, "cannot be reached")));

    assertThat(out.toString())
        .containsPattern("nodes, from here\n  ok    a +takes it\n  FAIL  b +cannot be reached\n")
        .contains("not fit to serve");
  }

  @Test
  void nodesThatAreReachedAreFit() {
    report.table(nodes(new Finding("a", true, "takes it")));

    assertThat(out.toString()).contains("all is well");
  }

  @Test
  void programsReadWhichNodeIsNotReached() throws IOException {
    report.json(List.of(), nodes(new Finding("b", false, "cannot be reached")));

    assertThat(out.toString())
        .isEqualTo(
            "{\"ok\":false,\"problems\":[],\"notices\":[],\"upstreams\":[],\"redis\":[],\"nodes\":"
                + "[{\"name\":\"b\",\"ok\":false,\"detail\":\"cannot be reached\"}]}\n");
  }
}
