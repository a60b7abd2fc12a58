package dev.holdfast.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The shared documents of one Open WebUI instance, and the sockets that have joined each. */
final class Documents {
  /** What an instance does with events about documents. */
  enum Support {
    FULL,
    /** It answers each call, and lets nobody join. */
    REFUSED,
    /** It has no handler for them, and answers nothing. */
    NONE
  }

  private static final Pattern EVENT =
      Pattern.compile("42(\\d*)\\[\"ydoc:([a-z:]+)\",\\{\"document_id\":\"([^\"]+)\"(.*)}]");

  private static final Duration MOST_THOUGHT = Duration.ofMillis(15);
  private static final long MOST_BUS = 4_000_000;

  private final Site site;
  private final SimulatedUpstream upstream;
  private final Support support;
  private final Map<String, Set<UpstreamLink>> members = new HashMap<>();

  Documents(Site site, SimulatedUpstream upstream, Support support) {
    this.site = site;
    this.upstream = upstream;
    this.support = support;
  }

  /** A link has sent an event about a document; handlers of one link run side by side. */
  void asked(UpstreamLink link, String packet) {
    Matcher event = EVENT.matcher(packet);
    Violation.unless(event.matches(), "an upstream was sent " + packet);
    upstream
        .loop()
        .after(
            Duration.ofNanos(site.world().random().nextLong(MOST_THOUGHT.toNanos())),
            () -> {
              if (!link.isLost() && support != Support.NONE) {
                handle(link, event);
              }
            });
  }

  private void handle(UpstreamLink link, Matcher event) {
    String call = event.group(1);
    if (support == Support.FULL) {
      change(link, event);
    }
    if (!call.isEmpty()) {
      link.say("43" + call + "[]");
    }
  }

  private void change(UpstreamLink link, Matcher event) {
    String document = event.group(3);
    String named = ",{\"document_id\":\"" + document + "\"";
    switch (event.group(2)) {
      case "document:join" -> {
        members.computeIfAbsent(document, key -> new LinkedHashSet<>()).add(link);
        link.say("42[\"ydoc:document:state\"" + named + ",\"state\":[0,0],\"content\":null}]");
        publish(document, link, "42[\"ydoc:user:joined\"" + named + ",\"user_id\":\"\"}]");
      }
      case "awareness:update" -> {
        if (members.getOrDefault(document, Set.of()).contains(link)) {
          String update = ",\"user_id\":\"u\"" + event.group(4) + "}]";
          publish(document, link, "42[\"ydoc:awareness:update\"" + named + update);
        }
      }
      case "document:leave" -> {
        left(document, link);
        publish(document, link, "42[\"ydoc:user:left\"" + named + ",\"user_id\":\"u\"}]");
      }
      default -> throw new Violation("an upstream was sent " + event.group());
    }
  }

  private void publish(String document, UpstreamLink sender, String packet) {
    deliver(document, sender, packet);
    for (SimulatedUpstream other : site.upstreams()) {
      if (!other.equals(upstream)) {
        long latency = 300_000 + site.world().random().nextLong(MOST_BUS);
        site.bus()
            .send(
                other,
                latency,
                () ->
                    other.loop().execute(() -> other.documents().deliver(document, null, packet)));
      }
    }
  }

  private void deliver(String document, @Nullable UpstreamLink sender, String packet) {
    for (UpstreamLink member : List.copyOf(members.getOrDefault(document, Set.of()))) {
      if (!member.equals(sender)) {
        member.say(packet);
      }
    }
  }

  private void left(String document, UpstreamLink link) {
    Set<UpstreamLink> those = members.getOrDefault(document, Set.of());
    if (those.contains(link)) {
      those.remove(link);
    }
    if (those.isEmpty()) {
      members.remove(document);
    }
  }

  /** A link is gone, and its client with it. */
  void closed(UpstreamLink link) {
    List.copyOf(members.keySet()).forEach(document -> left(document, link));
  }

  /** Whether everybody has left. */
  boolean areEmpty() {
    return members.isEmpty();
  }
}
