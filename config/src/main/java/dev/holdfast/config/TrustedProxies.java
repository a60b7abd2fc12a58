package dev.holdfast.config;

import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The networks whose forwarded headers are trusted: single addresses or CIDR blocks, such as {@code
 * 10.0.0.0/8}, {@code ::1}. Host names are never looked up. Immutable.
 */
public final class TrustedProxies {
  /** Nobody is trusted. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private static final Pattern PREFIX = Pattern.compile("\\d{1,3}");

  private final List<Block> blocks;

  private TrustedProxies(List<Block> blocks) {
    this.blocks = blocks;
  }

  /**
   * Reads addresses and blocks.
   *
   * @throws IllegalArgumentException naming the first that is neither
   */
  public static TrustedProxies of(List<String> texts) {
    return new TrustedProxies(texts.stream().map(Block::of).toList());
  }

  /** Whether the address lies in one of the blocks. */
  public boolean contains(InetAddress address) {
    if (blocks.isEmpty()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    for (Block block : blocks) {
      if (block.contains(bytes)) {
        return true;
      }
    }
    return false;
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Block(byte[] network, int bits) {
    static Block of(String text) {
      int slash = text.indexOf('/');
      String address = slash < 0 ? text : text.substring(0, slash);
      byte[] network =
          IpLiteral.parse(address.strip())
              .orElseThrow(() -> new IllegalArgumentException(problem(text)))
              .getAddress();
      int widest = network.length * 8;
      if (slash < 0) {
        return new Block(network, widest);
      }
      String prefix = text.substring(slash + 1).strip();
      if (!PREFIX.matcher(prefix).matches() || Integer.parseInt(prefix) > widest) {
        throw new IllegalArgumentException(problem(text));
      }
      return new Block(network, Integer.parseInt(prefix));
    }

    private static String problem(String text) {
      return "'" + text + "' is neither an address nor a CIDR block such as 10.0.0.0/8";
    }

    boolean contains(byte[] address) {
      if (address.length != network.length) {
        return false;
      }
      int whole = bits / 8;
      for (int i = 0; i < whole; i++) {
        if (address[i] != network[i]) {
          return false;
        }
      }
      int mask = 0xff00 >> (bits % 8) & 0xff;
      return mask == 0 || (address[whole] & mask) == (network[whole] & mask);
    }
  }
}
