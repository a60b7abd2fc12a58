package dev.holdfast.engineio;

import dev.holdfast.memory.Quotas.Peer;
import dev.holdfast.protocol.EngineError;
import dev.holdfast.time.EventLoop;
import dev.holdfast.wire.ByteConnection;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * An HTTP request to the Engine.IO endpoint. Must be answered once; may be answered from any
 * thread.
 */
public interface EngineExchange extends Handshake {
  /** Receives the outcome of reading a body: exactly one call, on the request's event loop. */
  interface Body {
    /**
     * Called with the complete body.
     *
     * @param release must be run when the bytes are no longer retained
     */
    void received(byte[] bytes, Runnable release);

    /** Called if the body exceeds the limit; the request has been answered. */
    void tooLarge();

    /** Called if the body is incomplete: the connection broke, or the request was refused. */
    void failed();
  }

  /** Returns the event loop of the request's connection. */
  EventLoop loop();

  /** Returns the parameters of the query. */
  EngineRequest request();

  /** Returns whether the method is GET. */
  boolean isGet();

  /** Returns whether the method is POST. */
  boolean isPost();

  /** Returns whether the body is {@code application/octet-stream}, as in older revisions. */
  boolean isOctetStream();

  /** Returns whether this is a WebSocket handshake that can be completed. */
  boolean isUpgrade();

  /**
   * Forwards the request if the sid names another node that is present; that node answers it.
   * Returns false otherwise.
   */
  boolean sendOn(String sid);

  /**
   * Reads the body.
   *
   * @param limit maximum size, in bytes
   * @param peer whose quota its memory counts against
   */
  void receive(long limit, Peer peer, Body body);

  /** Runs the task on the request's event loop if the client disconnects before the response. */
  void onAbort(Runnable task);

  /** Responds with an encoded payload. */
  void payload(ByteBuffer payload);

  /** Responds with an ASCII text. */
  void text(String packet);

  /** Refuses the request. */
  default void refuse(EngineError error) {
    refuse(error, "");
  }

  /**
   * Refuses the request with an explanation.
   *
   * @param detail for people, in ASCII without quotes and backslashes; empty if the error is
   *     sufficient
   */
  void refuse(EngineError error, String detail);

  /**
   * Responds with 101 and passes the connection on, on the request's event loop.
   *
   * @param otherwise runs if an exception prevents that
   */
  void upgrade(Consumer<ByteConnection> then, Runnable otherwise);
}
