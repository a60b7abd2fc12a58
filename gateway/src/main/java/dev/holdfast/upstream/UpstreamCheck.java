package dev.holdfast.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.config.Authority;
import dev.holdfast.config.Settings;
import dev.holdfast.config.UpstreamKeys;
import dev.holdfast.protocol.Announced;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/** Checks one upstream once and in detail; blocks. Stateless. */
public final class UpstreamCheck {
  private UpstreamCheck() {}

  /** Returns all findings, in the order in which they were checked. */
  public static List<Finding> run(URI upstream, Settings settings) {
    Authority where = Authority.of(upstream);
    AddressLookup addresses =
        new AddressLookup(where.host(), where.port(), Runnable::run, InetAddress::getAllByName);
    try (CheckClient client = CheckClient.open()) {
      Dialer dialer =
          Dialer.of(
              upstream,
              addresses,
              Dialer.Tls.of(settings, client.worker().getXnio()),
              settings,
              () -> {});
      addresses.refresh();
      HealthProbe probe =
          new HealthProbe(
              client,
              dialer,
              CheckRequest.of(settings, upstream),
              settings.get(UpstreamKeys.HEALTH_TIMEOUT));
      return run(addresses, probe);
    } catch (IOException problem) {
      return List.of(new Finding("reachable", false, String.valueOf(problem.getMessage())));
    }
  }

  private static List<Finding> run(AddressLookup addresses, HealthProbe probe) {
    List<Finding> findings = new ArrayList<>();
    findings.add(resolved(addresses));
    try {
      HttpGet.Answer health = probe.page("/health").join();
      findings.add(new Finding("reachable", true, "it responds to HTTP"));
      findings.add(new Finding("health", health.status() == 200, "/health: " + health.status()));
    } catch (CompletionException problem) {
      findings.add(new Finding("reachable", false, CheckProblem.of(problem).state().sentence()));
      findings.add(new Finding("health", false, "not tried"));
    }
    findings.add(page(probe));
    findings.add(version(probe.json("/api/version").join()));
    findings.addAll(engineIo(probe.engineIo().join()));
    return findings;
  }

  private static Finding resolved(AddressLookup addresses) {
    return addresses.known().isEmpty()
        ? new Finding("address", false, addresses.problem())
        : new Finding("address", true, addresses.known().toString());
  }

  /**
   * Loads a page, because a proxy in front of Open WebUI may accept the checks but not the host of
   * its pages.
   */
  private static Finding page(HealthProbe probe) {
    return probe
        .page("/")
        .handle(
            (answer, problem) ->
                problem == null
                    ? new Finding("page", answer.status() < 400, "/: " + answer.status())
                    : new Finding("page", false, CheckProblem.of(problem).state().sentence()))
        .join();
  }

  private static Finding version(JsonNode answer) {
    JsonNode version = answer.path("version");
    return version.isTextual()
        ? new Finding("version", true, "Open WebUI " + version.asText())
        : new Finding("version", false, "/api/version names no version");
  }

  private static List<Finding> engineIo(HealthProbe.Result result) {
    UpstreamState state = result.state();
    return List.of(
        websockets(state),
        new Finding(
            "engine.io",
            state.healthy(),
            state.healthy() ? "the handshake over WebSocket is good" : state.sentence()),
        result
            .announced()
            .map(announced -> new Finding("limits", true, sentence(announced)))
            .orElse(new Finding("limits", false, "nothing announced")));
  }

  private static Finding websockets(UpstreamState state) {
    return switch (state.kind()) {
      case HEALTHY -> new Finding("websockets", true, "switched on");
      case WEBSOCKETS_OFF -> new Finding("websockets", false, state.sentence());
      case UNKNOWN, UNREACHABLE, SLOW, REFUSING ->
          new Finding("websockets", false, "unknown without a handshake");
    };
  }

  private static String sentence(Announced announced) {
    return "ping every %d ms, timeout %d ms, messages up to %d bytes"
        .formatted(
            announced.pingInterval().toMillis(),
            announced.pingTimeout().toMillis(),
            announced.maxPayload());
  }
}
