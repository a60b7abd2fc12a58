package dev.holdfast.edge;

import dev.holdfast.session.CloseReason;
import java.nio.ByteBuffer;

/** What carries an Engine.IO session right now. Called on the session's thread. */
interface Carrier {
  /** The kind in metrics and logs. */
  String kind();

  /** Takes whole unmasked frames, all or none; {@link EngineSocket#writable} tells when again. */
  boolean send(ByteBuffer frames);

  void pauseReads();

  void resumeReads();

  /** Ends it, telling the client as far as it can be told. */
  void close(CloseReason reason);
}
