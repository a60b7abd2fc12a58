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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Connects to the admin port of one node, which answers for all. */
final class HttpLine implements Remote.Line {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int UNAUTHORIZED = 401;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();
  private final HostPort address;
  private final Optional<String> token;
  private final String tokenProblem;
  private final Duration timeout;

  /**
   * Connects to this address.
   *
   * @param tokenProblem appended to the error if the token is rejected
   * @param timeout for the complete response
   */
  HttpLine(HostPort address, Optional<String> token, String tokenProblem, Duration timeout) {
    this.address = address;
    this.token = token;
    this.tokenProblem = tokenProblem;
    this.timeout = timeout;
  }

  @Override
  public Api.Reply call(Api.Call call) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(call))
            .method(call.method(), HttpRequest.BodyPublishers.noBody());
    token.ifPresent(it -> request.header("Authorization", "Bearer " + it));
    return reply(answer(request.build()));
  }

  private HttpResponse<String> answer(HttpRequest request) throws IOException {
    // A timeout of the request itself would end with the response head.
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (TimeoutException e) {
      throw failed("not within " + timeout.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      String why = cause == null ? null : cause.getMessage();
      throw failed(why == null ? "connection refused" : why, e);
    } finally {
      answer.cancel(true);
    }
  }

  private IOException failed(String why, Exception cause) {
    return new IOException("no answer from the admin port at " + address + ": " + why, cause);
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
      throw new IOException(address + " requires the admin.token that it runs with" + tokenProblem);
    }
    try {
      Api.Reply reply = new Api.Reply(answer.statusCode(), JSON.readTree(answer.body()));
      if (reply.body().path("error").asText().equals("no such page")) {
        throw new IOException("there is no admin API at " + address);
      }
      return reply;
    } catch (JsonProcessingException e) {
      throw new IOException("the server at " + address + " is not Holdfast", e);
    }
  }

  @Override
  public void close() {
    // The client closes its connections by itself.
  }
}
