package dev.holdfast.cluster;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs what this node sends on to others, and tells what others have signed from what anybody may
 * have written. The header is {@code <node> <run> <number> <t|u> <client address> <HMAC-SHA-256>};
 * each run of a node counts its own requests, so a copy of one is worth nothing and no clock is
 * compared. Thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2104">RFC 2104</a>
 */
public final class NodeTrust {
  /** The header of a request that comes from a node. */
  public static final String HEADER = "X-Holdfast-Node";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int RUN_BYTES = 9;
  private static final int PARTS = 6;

  /** Runs of nodes whose numbers are remembered; only those that know the key have one. */
  private static final int REMEMBERED_RUNS = 1_000;

  private final Peers peers;
  private final String run;

  /** What was signed for each node: numbers that it does not get would only make its window old. */
  private final Map<NodeId, AtomicLong> numbers = new ConcurrentHashMap<>();

  private final Map<String, ReplayWindow> heard =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ReplayWindow> eldest) {
          return size() > REMEMBERED_RUNS;
        }
      };

  /** Signs and checks with the key of the peers, as it is at the time. */
  public NodeTrust(Peers peers) {
    this.peers = peers;
    byte[] random = new byte[RUN_BYTES];
    new SecureRandom().nextBytes(random);
    this.run = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** The header's value for one request to another node; empty until the key is known. */
  public Optional<String> sign(NodeId to, Referral referral) {
    return peers
        .key()
        .map(
            key -> {
              String claim =
                  String.join(
                      " ",
                      peers.self().value(),
                      run,
                      Long.toString(next(to)),
                      referral.client().trusted() ? "t" : "u",
                      referral.client().address());
              return claim + " " + encoded(mac(key, claim, to, referral));
            });
  }

  private long next(NodeId to) {
    return numbers.computeIfAbsent(to, first -> new AtomicLong()).incrementAndGet();
  }

  /**
   * What another node says about the client of a request; empty unless it has signed exactly this
   * request, for this node, and never before.
   *
   * @param asked the request as it came, with what its own headers say about the client; address
   *     and trust are read from the signed header
   */
  public Optional<Referral.Client> check(String header, Referral asked) {
    String[] parts = header.split(" ", -1);
    Optional<byte[]> key = peers.key();
    if (parts.length != PARTS || key.isEmpty() || parts[0].equals(peers.self().value())) {
      return Optional.empty();
    }
    Referral.Client said = asked.client();
    Referral.Client client =
        new Referral.Client(
            parts[4], parts[3].equals("t"), said.forwardedFor(), said.proto(), said.host());
    String claim = header.substring(0, header.lastIndexOf(' '));
    Referral referral = new Referral(asked.method(), asked.target(), client);
    byte[] expected = mac(key.get(), claim, peers.self(), referral);
    boolean signed =
        MessageDigest.isEqual(
            encoded(expected).getBytes(StandardCharsets.US_ASCII),
            parts[5].getBytes(StandardCharsets.UTF_8));
    return signed && isNew(parts[0] + " " + parts[1], parts[2])
        ? Optional.of(client)
        : Optional.empty();
  }

  private boolean isNew(String node, String count) {
    // What is signed was counted by a node: it has the form of a number.
    long value = Long.parseLong(count);
    synchronized (heard) {
      return heard.computeIfAbsent(node, first -> new ReplayWindow()).isNew(value);
    }
  }

  private static String encoded(byte[] mac) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac);
  }

  private static byte[] mac(byte[] key, String claim, NodeId to, Referral referral) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    Referral.Client client = referral.client();
    add(text, claim);
    add(text, to.value());
    add(text, referral.method());
    add(text, referral.target());
    add(text, client.forwardedFor());
    add(text, client.proto());
    add(text, client.host());
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(text.toByteArray());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /** With its length in front, so that no two requests are the same text. */
  private static void add(ByteArrayOutputStream text, String field) {
    byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
    text.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    text.writeBytes(bytes);
  }
}
