package dev.holdfast.cli.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.admin.Api;
import dev.holdfast.admin.ApiHandler;
import dev.holdfast.config.HostPort;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;

/** The admin port of one node, which answers for all. */
final class HttpLine implements Remote.Line {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int UNAUTHORIZED = 401;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .connectTimeout(TIMEOUT)
          .build();
  private final HostPort address;
  private final Optional<String> token;

  HttpLine(HostPort listen, Optional<String> token) {
    this.address = listen.fromHere();
    this.token = token;
  }

  @Override
  public Api.Reply call(Api.Call call) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(call))
            .timeout(TIMEOUT)
            .method(call.method(), HttpRequest.BodyPublishers.noBody());
    token.ifPresent(it -> request.header("Authorization", "Bearer " + it));
    HttpResponse<String> answer;
    try {
      answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (IOException e) {
      String why = e.getMessage() == null ? "nobody listens" : e.getMessage();
      throw new IOException("no answer from the admin port at " + address + ": " + why, e);
    }
    return reply(answer);
  }

  private URI uri(Api.Call call) {
    String query =
        call.query().entrySet().stream()
            .map(it -> it.getKey() + "=" + URLEncoder.encode(it.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return URI.create("http://" + address + ApiHandler.PREFIX + call.path() + "?" + query);
  }

  private Api.Reply reply(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() == UNAUTHORIZED) {
      throw new IOException(address + " wants the admin.token that it runs with");
    }
    try {
      Api.Reply reply = new Api.Reply(answer.statusCode(), JSON.readTree(answer.body()));
      if (reply.body().path("error").asText().equals("no such page")) {
        throw new IOException(
            "there is no admin API at " + address + ": beyond loopback it needs admin.token");
      }
      return reply;
    } catch (JsonProcessingException e) {
      throw new IOException("what answers at " + address + " is no Holdfast", e);
    }
  }

  @Override
  public void close() {
    // The client closes its connections by itself.
  }
}
