package dev.holdfast.cli.demo;

import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
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
 *   &gt; 42["words",{"stream":"a","count":200}]
 *                                   &lt; 42["word",0,"…"] … 42["done",200]
 * </pre>
 */
final class Conversation extends AbstractReceiveListener {
  private static final int PING_SECONDS = 25;
  private static final int MOST_WORDS = 10_000;
  private static final String OPEN =
      "0{\"sid\":\"%s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
          + "\"maxPayload\":1000000}";
  private static final Pattern CALL = Pattern.compile("42(\\d+)\\[\"echo\",?(.*)]", Pattern.DOTALL);
  private static final Pattern WORDS =
      Pattern.compile(
          "42\\d*\\[\"words\",\\{(?:\"stream\":\"([\\w.-]{1,64})\",)?\"count\":(\\d{1,5})}]");

  private final WebSocketChannel channel;
  private final Streams streams;

  private Conversation(WebSocketChannel channel, Streams streams) {
    this.channel = channel;
    this.streams = streams;
  }

  static void begin(WebSocketChannel channel, Streams streams) {
    Conversation conversation = new Conversation(channel, streams);
    channel.getReceiveSetter().set(conversation);
    channel.resumeReceives();
    conversation.send(OPEN.formatted(UUID.randomUUID()));
    conversation.pingLater();
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
      String name = words.group(1) == null ? UUID.randomUUID().toString() : words.group(1);
      streams.join(name, Math.min(MOST_WORDS, Integer.parseInt(words.group(2))), channel);
    }
  }

  private void ping() {
    send("2");
    pingLater();
  }

  private void pingLater() {
    channel
        .getIoThread()
        .executeAfter(
            () -> {
              if (channel.isOpen()) {
                ping();
              }
            },
            PING_SECONDS,
            TimeUnit.SECONDS);
  }

  private void send(String packet) {
    WebSockets.sendText(packet, channel, null);
  }
}
