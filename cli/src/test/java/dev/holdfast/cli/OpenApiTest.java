package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.holdfast.admin.Api;
import dev.holdfast.admin.Explanation;
import dev.holdfast.admin.NodeView;
import dev.holdfast.admin.SessionView;
import dev.holdfast.admin.UpstreamView;
import dev.holdfast.cluster.Cluster;
import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.LocalCluster;
import dev.holdfast.cluster.NodeId;
import dev.holdfast.cluster.Registry;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.sessions.UpstreamReason;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The API is what {@code docs/openapi.yaml} says, no more and no less. */
class OpenApiTest {
  private static final String ROWS =
      "[{'name':'x:80','node':'a','state':'healthy','detail':'','drained':false,'sessions':0},"
          + "{'name':'y:80','node':'a','state':'healthy','detail':'','drained':false,'sessions':0}]";

  private final Cluster node = LocalCluster.alone(new NodeId("a"));
  private final Api api = new Api(Registry.of(node), Optional.empty());

  OpenApiTest() {
    node.join(InetSocketAddress.createUnresolved("127.0.0.1", 1));
    node.commands()
        .onCommand(
            command -> {
              if (command instanceof Command.Ask ask) {
                String rows = ask.question().equals("upstreams") ? ROWS.replace('\'', '"') : "[]";
                node.commands().send(ask.from(), new Command.Answer(ask.id(), rows));
              }
            });
    node.sessions()
        .open()
        .is(new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 1, SessionRecord.State.LIVE, false));
  }

  private static JsonNode page() throws IOException {
    return new ObjectMapper(new YAMLFactory())
        .readTree(Page.root().resolve("docs/openapi.yaml").toFile());
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode resolved(JsonNode page, JsonNode node) {
    return node.has("$ref") ? page.at(node.path("$ref").asText().substring(1)) : node;
  }

  @Test
  void everyPathIsServedAndDescribed() throws IOException {
    JsonNode paths = page().path("paths");
    Map<String, String> described = new TreeMap<>();
    names(paths)
        .forEach(
            path -> described.put(path, names(paths.path(path)).get(0).toUpperCase(Locale.ROOT)));

    assertThat(described).isEqualTo(api.methods());
  }

  static Stream<Class<? extends Record>> views() {
    return Stream.of(NodeView.class, SessionView.class, UpstreamView.class, Explanation.class);
  }

  @ParameterizedTest
  @MethodSource("views")
  void everyFieldIsServedAndDescribed(Class<? extends Record> view) throws IOException {
    JsonNode schema = page().at("/components/schemas/" + view.getSimpleName() + "/properties");

    assertThat(names(schema))
        .isEqualTo(
            Arrays.stream(view.getRecordComponents()).map(RecordComponent::getName).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "/nodes,,200",
    "/sessions,,200",
    "/sessions,limit=x,400",
    "/upstreams,,200",
    "/why,user=u1,200",
    "/why,user=u2,404",
    "/why,,400",
    "/kick,sid=s1,202",
    "/kick,sid=s2,404",
    "/kick,,400",
    "/drain,node=a,202",
    "/drain,upstream=x:80,202",
    "/drain,upstream=z:80,404",
    "/drain,,400",
    "/undrain,upstream=x:80,202",
    "/undrain,upstream=z:80,404",
    "/undrain,,400"
  })
  void answersAreAsDescribed(String path, @Nullable String query, int status) throws IOException {
    String method = api.methods().getOrDefault(path, "");
    JsonNode page = page();
    JsonNode described = page.path("paths").path(path).path(method.toLowerCase(Locale.ROOT));

    Api.Reply reply =
        api.answer(new Api.Call(method, path, query(query))).toCompletableFuture().join();

    assertThat(reply.status()).isEqualTo(status);
    JsonNode response = resolved(page, described.path("responses").path(Integer.toString(status)));
    JsonNode schema = response.at("/content/application~1json/schema/properties");
    assertThat(names(schema)).as("%s", response).isNotEmpty().containsAll(names(reply.body()));
    if (query != null) {
      List<String> parameters = new ArrayList<>();
      described
          .path("parameters")
          .forEach(each -> parameters.add(resolved(page, each).path("name").asText()));
      assertThat(parameters).containsAll(query(query).keySet());
    }
  }

  private static Map<String, String> query(@Nullable String text) {
    if (text == null) {
      return Map.of();
    }
    int equals = text.indexOf('=');
    return Map.of(text.substring(0, equals), text.substring(equals + 1));
  }

  @Test
  void everyChoiceIsDescribed() throws IOException {
    List<String> described = new ArrayList<>();
    page()
        .at("/components/schemas/Explanation/properties/choice/enum")
        .forEach(each -> described.add(each.asText()));

    assertThat(described)
        .isEqualTo(Arrays.stream(UpstreamReason.values()).map(UpstreamReason::label).toList());
  }
}
