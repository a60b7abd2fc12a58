package dev.holdfast.config;

import java.util.List;

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

  private static final String REST =
      """
      | `ENABLE_WEBSOCKET_SUPPORT` | not a setting of Holdfast; if it is not `true`, Holdfast warns at its start, because Open WebUI then refuses its links |

      | `WEBSOCKET_MANAGER` | not a setting of Holdfast; the variables of Redis count only if it is `redis` |

      Open WebUI's other variables are not read.
      """;

  private ConfigurationPage() {}

  static String text() {
    StringBuilder page = new StringBuilder(HEAD);
    section(page, "What browsers connect to", EdgeKeys.all());
    section(page, "Open WebUI", UpstreamKeys.all());
    section(page, "Limits", LimitKeys.all());
    section(page, "Clients that lose their connection", ResumeKeys.all());
    section(page, "Upstreams that go away", RelinkKeys.all());
    section(page, "Other HTTP, and who sends it", ProxyKeys.all());
    section(page, "Redis", RedisKeys.all());
    section(page, "Several nodes", NodeKeys.all());
    section(page, "The process", ProcessKeys.all());
    page.append(FOOT).append("| variable | setting |\n|---|---|\n");
    for (Key<?> key : Keys.all()) {
      for (String name : OpenWebUi.names().getOrDefault(key.name(), List.of())) {
        String file = key.secret() ? " (also `" + name + "_FILE`)" : "";
        page.append("| `" + name + "`" + file + " | `" + key.name() + "` |\n");
      }
    }
    return page.append(REST).toString();
  }

  private static void section(StringBuilder page, String title, List<Key<?>> keys) {
    page.append(
        "\n## " + title + "\n\n| key | default | accepts | why change it |\n|---|---|---|---|\n");
    for (Key<?> key : keys) {
      String fallback = key.fallback().isEmpty() ? "empty" : "`" + key.fallback() + "`";
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(key.name(), fallback, key.kind().accepts(), key.reason()));
    }
  }
}
