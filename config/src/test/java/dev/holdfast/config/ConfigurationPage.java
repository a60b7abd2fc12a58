package dev.holdfast.config;

/** Writes {@code docs/configuration.md} out of the table of settings. */
final class ConfigurationPage {
  private static final String HEAD =
      """
      # Configuration

      <!-- Written by ConfigurationPageTest out of the settings; change those, then run
           ./mvnw -pl config test -Dtest=ConfigurationPageTest -Dholdfast.docs=write -->

      Every setting has a default, so nothing has to be set but where Open WebUI is. What is given counts
      in this order: a flag of `holdfast serve`, an environment variable, the settings file, the default.
      `holdfast config` prints what is in effect and where each value came from; `holdfast check` tries it.

      - **Flags**: `--listen`, `--upstream` (once for each), `--admin-listen`, and any setting as `--set KEY=VALUE`.
      - **Environment**: `HOLDFAST_` and the key in capitals, with `_` for `.` and `-`: `limits.post-packets` is
        `HOLDFAST_LIMITS_POST_PACKETS`. An empty variable counts as none. A secret is also read from the file that
        the variable with `_FILE` behind its name gives. What Kubernetes sets for services called holdfast is ignored.
      - **File**: YAML, given by `--config FILE` or `HOLDFAST_CONFIG`; keys nested or dotted.

      Unknown keys, keys that stand twice and values out of their bounds keep Holdfast from starting (exit code 2);
      all of them are reported at once.

      Durations and sizes need a unit: `1500ms`, `25s`, `5m`, `1h`, `2d`; `512B`, `64KiB`, `1MB`, `1GiB`
      (`KB` is 1000 bytes, `KiB` is 1024). Lists are separated by `,`, origins by `;` as in Open WebUI; in the file they
      may also be YAML lists.

      ```yaml
      listen: 0.0.0.0:8000
      upstreams:
        - http://open-webui-1:8080
        - http://open-webui-2:8080
      limits:
        message: 10MiB
      drain.timeout: 20s
      ```
      """;

  private static final String FOOT =
      """

      ## Open WebUI's own variables

      Holdfast understands these names, below the `HOLDFAST_*` ones, so that both can share one environment file.
      Times without a unit are seconds, as in Open WebUI.

      """;

  /** A test of the gateway holds its first column to the resources that are counted. */
  private static final String SHARED =
      """

      ## What clients share

      Everything that a client makes Holdfast hold is counted before it is used: for the process, and for each address (of IPv6, each /64) or, with `auth.secret-key`, each verified
      user. An office is one address, so while there is plenty an address takes what it likes. From 80 % of a limit on, an address with half of it gets no more; the rest is for the others.
      From 90 % on the oldest use of the address with most of what may be ended is cut. Proxies in `proxy.trusted-proxies` have no share: clients count by the addresses that they name.
      The first column is the label `resource` of `holdfast_quota_taken` and `holdfast_quota_cut_total`.

      | resource | limit | why this default | refused first, and how you see it | cut, and how you see it |
      |---|---|---|---|---|
      | `connections`, at accept | `limits.connections`: one for each 32 KiB of heap, at most half of the descriptors | each may need a link, which takes a descriptor too | new connections of an address with half: closed at once; `holdfast_refused_total`, `connections` | the oldest connection without a request; a log line |
      | `head-bytes`, of unfinished messages | `limits.heads`: 8 MiB, a sixteenth of a small heap | more than a hundred of the largest heads, and nothing to a heap | the head: 503; `holdfast_refused_total`, `header-memory` | the oldest unfinished head: the same |
      | `body-bytes`, of unfinished and unhandled polling POSTs | `limits.bodies`: a quarter of the heap | with heads at most half of the heap, so that the rest can work | the POST: 503, its session parks; `holdfast_refused_total`, `body-memory` | the oldest body: the same |
      | `transports`, with and without CONNECT | `limits.connections` | a WebSocket or a polling session is one, by the address that a trusted proxy names | the handshake: 503; `holdfast_refused_total`, `connections` | the oldest transport without a CONNECT: close reason `connect-share` |
      | `parked-sessions` | `limits.connections` | as many as could be there | the session ends instead of parking: close reason `parked-share` | the oldest parked session: `parked-share` |
      | `backend-connections`, of proxied requests, tunnels (other WebSockets) and responses that nobody reads | `proxy.connections`: 1000 for each upstream | one for each running stream | the request waits in the queue | the oldest tunnel (it is closed), or request that has waited for its client for a second: 503, or its response is broken off |
      | `backend-queue`, of requests that wait for a connection | `proxy.queue`: 1000 for each upstream | as many as can run | the request: 503; `holdfast_proxy_requests_total`, status 503 | nothing: each has `proxy.queue-timeout` |
      | `held-requests`, of requests that wait for an upstream to come back | `proxy.queue`: 1000 | as many as could wait if it were there | the request: 503; `holdfast_proxy_requests_total`, status 503 | nothing: each has `proxy.hold` |

      Links to Open WebUI are not counted there: each session has one, and half of the descriptors is left to them. Connections of other nodes are counted as `connections`, and are never cut.
      What waits for one client is bounded by `limits.waiting` and `resume.outbox`, for all of them by `limits.buffers` (close reason `no-buffers`) and `resume.memory` (`outbox-memory`).
      """;

  private static final String REST =
      """
      | `ENABLE_WEBSOCKET_SUPPORT` | not a setting of Holdfast; if it is not `true`, Holdfast warns at its start, because Open WebUI then refuses its links |

      | `WEBSOCKET_MANAGER` | not a setting of Holdfast; the variables of Redis count only if it is `redis` |

      Open WebUI's other variables are not read.
      """;

  private ConfigurationPage() {}

  static String text() {
    StringBuilder page = new StringBuilder(HEAD);
    for (Section section : Keys.sections()) {
      section(page, section);
      if (section.equals(LimitKeys.KEYS)) {
        page.append(SHARED);
      }
    }
    page.append(FOOT).append("| variable | setting |\n|---|---|\n");
    for (Key<?> key : Keys.all()) {
      for (String name : key.openWebUi()) {
        String file = key.secret() ? " (also `" + name + "_FILE`)" : "";
        page.append("| `" + name + "`" + file + " | `" + key.name() + "` |\n");
      }
    }
    return page.append(REST).toString();
  }

  private static void section(StringBuilder page, Section section) {
    page.append(
        "\n## "
            + section.title()
            + "\n\n| key | default | accepts | why change it |\n|---|---|---|---|\n");
    for (Key<?> key : section.keys()) {
      String fallback = key.fallback().isEmpty() ? "empty" : "`" + key.fallback() + "`";
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(key.name(), fallback, key.kind().accepts(), key.reason()));
    }
  }
}
