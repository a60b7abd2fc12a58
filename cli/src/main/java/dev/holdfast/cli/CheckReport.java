package dev.holdfast.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.config.Problem;
import dev.holdfast.upstream.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** Prints what {@code holdfast check} found. */
final class CheckReport {
  private final PrintWriter out;

  CheckReport(PrintWriter out) {
    this.out = out;
  }

  static boolean ok(Map<URI, List<Finding>> findings) {
    return findings.values().stream().flatMap(List::stream).allMatch(Finding::ok);
  }

  /** For people. */
  void table(Map<URI, List<Finding>> findings) {
    out.println("settings are valid");
    findings.forEach(
        (upstream, list) -> {
          out.println(upstream);
          list.forEach(
              each ->
                  out.printf(
                      "  %-4s  %-11s  %s%n",
                      each.ok() ? "ok" : "FAIL", each.name(), each.detail()));
        });
    out.println(ok(findings) ? "all is well" : "not fit to serve");
    out.flush();
  }

  /** For programs: {@code {"ok":…,"problems":[…],"upstreams":[{"url":…,"findings":[…]}]}}. */
  void json(List<Problem> problems, Map<URI, List<Finding>> findings) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeBooleanField("ok", problems.isEmpty() && ok(findings));
      json.writeArrayFieldStart("problems");
      for (Problem problem : problems) {
        json.writeStartObject();
        json.writeStringField("key", problem.key());
        json.writeStringField("source", problem.source());
        json.writeStringField("value", problem.value());
        json.writeStringField("expected", problem.expected());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("upstreams");
      for (Map.Entry<URI, List<Finding>> each : findings.entrySet()) {
        upstream(json, each.getKey(), each.getValue());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    out.println();
    out.flush();
  }

  private static void upstream(JsonGenerator json, URI upstream, List<Finding> findings)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("url", upstream.toString());
    json.writeArrayFieldStart("findings");
    for (Finding finding : findings) {
      json.writeStartObject();
      json.writeStringField("name", finding.name());
      json.writeBooleanField("ok", finding.ok());
      json.writeStringField("detail", finding.detail());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
