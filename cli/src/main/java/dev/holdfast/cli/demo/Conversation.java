package dev.holdfast.cli.demo;

import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.spi.WebSocketHttpExchange;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One Socket.IO connection to the stand-in. Confined to the I/O thread of its channel.
 *
 * <pre>
 *   &lt; 0{"sid":…}                    &lt; 2   &gt; 3  at the ping interval
 *   &gt; 40{"token":…}                 &lt; 40{"sid":…}
 *   &gt; 420["echo",…]                 &lt; 430[…]
 *   &gt; 42["words",{"count":200}]     &lt; 42["word",0,"…"] … 42["done",200]
 * </pre>
 */
final class Conversation extends AbstractReceiveListener {
  private static final int PING_SECONDS = 25;
  private static final int WORD_MILLIS = 20;
  private static final int MOST_WORDS = 10_000;
  private static final String OPEN =
      "0{\"sid\":\"%s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
          + "\"maxPayload\":1000000}";
  private static final Pattern CALL = Pattern.compile("42(\\d+)\\[\"echo\",?(.*)]", Pattern.DOTALL);
  private static final Pattern WORDS =
      Pattern.compile("42\\d*\\[\"words\",\\{\"count\":(\\d{1,5})}]");
  private static final String[] VOCABULARY = {
    "hold", "fast", "the", "line", "while", "every", "word", "arrives", "in", "order"
  };

  private final WebSocketChannel channel;

  private Conversation(WebSocketChannel channel) {
    this.channel = channel;
  }

  static void begin(WebSocketHttpExchange exchange, WebSocketChannel channel) {
    Conversation conversation = new Conversation(channel);
    channel.getReceiveSetter().set(conversation);
    channel.resumeReceives();
    conversation.send(OPEN.formatted(UUID.randomUUID()));
    conversation.later(conversation::ping, PING_SECONDS * 1_000);
  }

  @Override
  protected void onFullTextMessage(WebSocketChannel same, BufferedTextMessage message) {
    String packet = message.getData();
    Matcher call = CALL.matcher(packet);
    Matcher words = WORDS.matcher(packet);
    if (packet.startsWith("40")) {
      send("40{\"sid\":\"%s\"}".formatted(UUID.randomUUID()));
    } else if (call.matches()) {
      send("43%s[%s]".formatted(call.group(1), call.group(2)));
    } else if (words.matches()) {
      word(0, Math.min(MOST_WORDS, Integer.parseInt(words.group(1))));
    }
  }

  private void word(int number, int count) {
    if (number == count) {
      send("42[\"done\",%d]".formatted(count));
      return;
    }
    send("42[\"word\",%d,\"%s\"]".formatted(number, VOCABULARY[number % VOCABULARY.length]));
    later(() -> word(number + 1, count), WORD_MILLIS);
  }

  private void ping() {
    send("2");
    later(this::ping, PING_SECONDS * 1_000);
  }

  private void send(String packet) {
    WebSockets.sendText(packet, channel, null);
  }

  private void later(Runnable task, int millis) {
    channel
        .getIoThread()
        .executeAfter(
            () -> {
              if (channel.isOpen()) {
                task.run();
              }
            },
            millis,
            TimeUnit.MILLISECONDS);
  }
}
