package dev.holdfast.simulation;

import dev.holdfast.protocol.EngineError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A polling request. */
final class PollingRequest implements SimulatedExchange.Answer {
  private static final char SEPARATOR = 0x1e;
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final EngineClient client;
  private final Browser browser;
  private final World world;
  private final @Nullable String body;
  private final SimulatedExchange.Asked asked;
  private @Nullable SimulatedExchange exchange;
  private boolean repeated;
  private boolean taken;
  private boolean over;
  private boolean silent;

  PollingRequest(EngineClient client, int number, @Nullable String body) {
    this.asked = new SimulatedExchange.Asked(false, client.sid(), Optional.of("t" + number), body);
    this.client = client;
    this.browser = client.browser();
    this.world = browser.world();
    this.body = body;
  }

  void begin() {
    SimulatedNode node = browser.someNode();
    world.after(browser.latency(), () -> arrive(node));
    browser.loop().after(TIMEOUT, this::fail);
  }

  private void arrive(SimulatedNode node) {
    if (over || silent) {
      return;
    }
    world.trace().say(world.now(), "http", (body == null ? "GET" : "POST") + " at " + node);
    if (node.isDown()) {
      world.after(browser.latency(), this::fail);
      return;
    }
    exchange = node.handle(asked, browser.asker(), this);
    browser.follows(node, this::nodeDied);
  }

  private void nodeDied() {
    if (over || silent) {
      return;
    }
    if (isGet() && browser.repeats() && !repeated && !asked.sid().isEmpty()) {
      // What the node had answered is lost, though the session may be on another one.
      repeated = true;
      arrive(browser.someNode());
    } else {
      world.after(browser.latency(), this::fail);
    }
  }

  void cut(boolean silently) {
    if (exchange != null && !silently) {
      exchange.abort();
    }
    if (silently) {
      silent = true;
    } else {
      world.after(browser.latency(), this::fail);
    }
  }

  void abandon() {
    if (!over) {
      over = true;
      if (exchange != null) {
        world.after(browser.latency(), exchange::abort);
      }
    }
  }

  private void fail() {
    if (!over) {
      over = true;
      client.ended(this, "a request failed");
    }
  }

  @Override
  public void payload(byte[] payload) {
    taken = true;
    boolean ofRepeated = repeated;
    world.after(
        browser.latency(), () -> browser.loop().execute(() -> answered(payload, ofRepeated)));
  }

  private void answered(byte[] payload, boolean ofRepeated) {
    if (over || silent || ofRepeated != repeated) {
      return;
    }
    over = true;
    client.ended(this, null);
    if (body == null) {
      for (String each :
          new String(payload, StandardCharsets.UTF_8).split(String.valueOf(SEPARATOR), -1)) {
        one(each);
      }
    }
    client.goOn();
  }

  private void one(String each) {
    if (each.startsWith("b")) {
      client.binary(Base64.getDecoder().decode(each.substring(1)));
    } else {
      client.packet(each);
    }
  }

  boolean isGet() {
    return body == null;
  }

  boolean isTaken() {
    return taken;
  }

  @Override
  public void refused(EngineError error) {
    world.after(browser.latency(), () -> browser.loop().execute(this::fail));
  }

  @Override
  public SimulatedConnection upgraded(SimulatedLoop loop) {
    throw new Violation("a polling request was upgraded");
  }
}
