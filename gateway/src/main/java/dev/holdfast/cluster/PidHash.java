package dev.holdfast.cluster;

import dev.holdfast.protocol.Sha256;
import java.util.HexFormat;

/** Hashes pids: they are secrets of clients, so only their hashes leave a node. Stateless. */
public final class PidHash {
  private PidHash() {}

  /** Returns the SHA-256 in hexadecimal digits. */
  public static String of(String pid) {
    return HexFormat.of().formatHex(Sha256.of(pid));
  }
}
