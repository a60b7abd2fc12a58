package dev.holdfast.engineio;

import dev.holdfast.protocol.EngineError;
import dev.holdfast.time.EventLoop;
import dev.holdfast.wire.ByteConnection;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** One HTTP request to the Engine.IO endpoint; to be answered once, from any thread. */
public interface EngineExchange extends Handshake {
  /** What comes of a request's body; one of them is called, once, on the request's event loop. */
  interface Body {
    /**
     * All of it is here.
     *
     * @param release is to be run when nothing of it is kept any more
     */
    void received(byte[] bytes, Runnable release);

    /** It is over the limit; the request has been answered. */
    void tooLarge();

    /** It does not come whole: its connection broke, or the request has been refused. */
    void failed();
  }

  /** The event loop of the request's connection. */
  EventLoop loop();

  /** The parameters of its query. */
  EngineRequest request();

  /** Whether its method is GET. */
  boolean isGet();

  /** Whether its method is POST. */
  boolean isPost();

  /** Whether its body is {@code application/octet-stream}, as of older revisions. */
  boolean isOctetStream();

  /** Whether it is a WebSocket handshake that can be completed. */
  boolean isUpgrade();

  /** Sends it on if the sid names another node that is there, which answers it; false if not. */
  boolean sendOn(String sid);

  /** Reads the body, of so many bytes at most. */
  void receive(long limit, Body body);

  /** Runs the task, on the request's event loop, if the client goes away before the answer. */
  void onAbort(Runnable task);

  /** Answers with a payload of packets. */
  void payload(ByteBuffer payload);

  /** Answers with a packet of ASCII letters. */
  void text(String packet);

  /** The first value of a header. */
  Optional<String> header(String name);

  /** Refuses it. */
  default void refuse(EngineError error) {
    refuse(error, "");
  }

  /**
   * Refuses it, and says why.
   *
   * @param detail for people, ASCII without quotes and backslashes; empty if the error says it all
   */
  void refuse(EngineError error, String detail);

  /**
   * Answers 101; the connection is handed over on the request's event loop.
   *
   * @param otherwise runs when the connection is not taken over, because something was thrown
   */
  void upgrade(Consumer<ByteConnection> then, Runnable otherwise);
}
