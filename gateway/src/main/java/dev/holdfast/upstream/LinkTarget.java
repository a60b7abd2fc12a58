package dev.holdfast.upstream;

import org.xnio.XnioIoThread;

/** The Engine.IO endpoint of an upstream for one client's link. */
record LinkTarget(Upstream upstream, LinkRequest request) implements LinkHandshake.Target {
  @Override
  public void connect(XnioIoThread thread, ConnectCallback callback) {
    upstream.connect(thread, callback);
  }

  @Override
  public byte[] request(String key) {
    return request.encode(upstream, key);
  }
}
