package dev.holdfast.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.config.Problem;
import dev.holdfast.redis.RedisFinding;
import dev.holdfast.upstream.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints the findings of {@code holdfast check}. */
final class CheckReport {
  private final PrintWriter out;

  CheckReport(PrintWriter out) {
    this.out = out;
  }

  /**
   * All findings.
   *
   * @param notices warnings about the settings, which {@code serve} logs at startup
   */
  record Found(
      List<String> notices,
      Map<URI, List<Finding>> upstreams,
      List<RedisFinding> redis,
      List<Finding> nodes) {
    /** Returns whether nothing prevents serving. */
    boolean ok() {
      return upstreams.values().stream().flatMap(List::stream).allMatch(Finding::ok)
          && redis.stream().noneMatch(it -> it.level() == RedisFinding.Level.FAIL)
          && nodes.stream().allMatch(Finding::ok);
    }
  }

  /** Prints the findings as text. */
  void table(Found found) {
    out.println("settings are valid");
    found.notices().forEach(notice -> out.println("  WARN  " + notice));
    found
        .upstreams()
        .forEach(
            (upstream, list) -> {
              out.println(upstream);
              list.forEach(this::line);
            });
    if (!found.redis().isEmpty()) {
      out.println("redis");
      found.redis().forEach(this::line);
    }
    if (!found.nodes().isEmpty()) {
      out.println("nodes, from here");
      found.nodes().forEach(this::line);
    }
    out.println(found.ok() ? "all is well" : "not fit to serve");
    out.flush();
  }

  private void line(Finding each) {
    out.printf("  %-4s  %-11s  %s%n", each.ok() ? "ok" : "FAIL", each.name(), each.detail());
  }

  private void line(RedisFinding each) {
    String level = each.level() == RedisFinding.Level.OK ? "ok" : each.level().name();
    out.printf("  %-4s  %-13s  %s%n", level, each.name(), each.detail());
  }

  /**
   * Prints the findings as JSON: {@code {"ok":…,"problems":[…],"notices":["…"],
   * "upstreams":[{"url":…,"findings":[…]}],"redis":[…],"nodes":[…]}}.
   */
  void json(List<Problem> problems, Found found) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeBooleanField("ok", problems.isEmpty() && found.ok());
      array(json, "problems", problems, CheckReport::problem);
      array(json, "notices", found.notices(), JsonGenerator::writeString);
      array(json, "upstreams", found.upstreams().entrySet(), CheckReport::upstream);
      array(json, "redis", found.redis(), CheckReport::redis);
      array(json, "nodes", found.nodes(), CheckReport::finding);
      json.writeEndObject();
    }
    out.println();
    out.flush();
  }

  /** Writes one item of an array. */
  private interface Item<T> {
    void write(JsonGenerator json, T item) throws IOException;
  }

  private static <T> void array(
      JsonGenerator json, String name, Collection<T> items, Item<T> writer) throws IOException {
    json.writeArrayFieldStart(name);
    for (T item : items) {
      writer.write(json, item);
    }
    json.writeEndArray();
  }

  private static void problem(JsonGenerator json, Problem problem) throws IOException {
    json.writeStartObject();
    json.writeStringField("key", problem.key());
    json.writeStringField("source", problem.source());
    json.writeStringField("value", problem.value());
    json.writeStringField("expected", problem.expected());
    json.writeEndObject();
  }

  private static void redis(JsonGenerator json, RedisFinding finding) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", finding.name());
    json.writeStringField("level", finding.level().name().toLowerCase(Locale.ROOT));
    json.writeStringField("detail", finding.detail());
    json.writeEndObject();
  }

  private static void upstream(JsonGenerator json, Map.Entry<URI, List<Finding>> upstream)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("url", upstream.getKey().toString());
    array(json, "findings", upstream.getValue(), CheckReport::finding);
    json.writeEndObject();
  }

  private static void finding(JsonGenerator json, Finding finding) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", finding.name());
    json.writeBooleanField("ok", finding.ok());
    json.writeStringField("detail", finding.detail());
    json.writeEndObject();
  }
}
