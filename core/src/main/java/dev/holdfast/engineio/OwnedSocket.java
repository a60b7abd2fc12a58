package dev.holdfast.engineio;

import dev.holdfast.session.CloseReason;
import dev.holdfast.session.EngineConnection;
import dev.holdfast.session.PauseReason;
import dev.holdfast.session.PauseReasons;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One owner's view of an Engine.IO socket. Confirmed bytes count from the moment the owner took
 * over, and its pause reasons end with its ownership. Has no effect once the socket has another
 * owner. Confined to the socket's thread.
 */
public final class OwnedSocket implements EngineConnection {
  private final EngineSocket socket;
  private final PauseReasons pauses = new PauseReasons();
  private final long base;
  private @Nullable Listener listener;

  /** Creates a view; {@code base} is the number of bytes that were sent before. */
  OwnedSocket(EngineSocket socket, long base) {
    this.socket = socket;
    this.base = base;
  }

  /** Replaces the listener. */
  public void listener(Listener next) {
    listener = next;
  }

  /** Returns the listener; null until it is set. */
  @Nullable Listener listener() {
    return listener;
  }

  boolean isPaused() {
    return pauses.areAny();
  }

  /** Returns whether data that the client has sent may still be lost with its session's node. */
  boolean isUnconfirmed() {
    return pauses.contains(PauseReason.UNCONFIRMED);
  }

  private boolean isOwner() {
    return socket.isOwnedBy(this);
  }

  /**
   * Notifies the listener that the client has handled the first {@code bytes} bytes of the socket.
   */
  void acknowledged(long bytes) {
    if (listener != null) {
      listener.acknowledged(Math.max(0, bytes - base));
    }
  }

  @Override
  public boolean send(ByteBuffer frames) {
    return !isOwner() || socket.send(frames);
  }

  @Override
  public boolean sendBeforePing(ByteBuffer frames) {
    return !isOwner() || socket.sendBeforePing(frames);
  }

  @Override
  public boolean sendLast(ByteBuffer frames) {
    return isOwner() && socket.sendLast(frames);
  }

  @Override
  public boolean ping() {
    return isOwner() && socket.pings().ask();
  }

  /** May be called on any thread. */
  @Override
  public Optional<String> successor() {
    return socket.successor();
  }

  @Override
  public void pauseReads(PauseReason reason) {
    if (pauses.add(reason) && isOwner()) {
      socket.readOrNot();
    }
  }

  @Override
  public void resumeReads(PauseReason reason) {
    if (pauses.remove(reason) && isOwner()) {
      socket.readOrNot();
    }
  }

  /** Closes the socket and notifies the listener. */
  public void fail(CloseReason reason) {
    if (isOwner()) {
      socket.fail(reason);
    }
  }

  @Override
  public boolean leave(CloseReason reason) {
    boolean mine = isOwner();
    if (mine) {
      socket.leave(reason);
    }
    return mine;
  }

  @Override
  public void close(CloseReason reason) {
    if (isOwner()) {
      socket.close(reason);
    }
  }
}
