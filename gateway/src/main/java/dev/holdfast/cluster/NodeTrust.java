package dev.holdfast.cluster;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Signs what this node says to another one, and tells what others have signed from what anybody may
 * have written. A signature is {@code <node> <run> <number> <time> <receiver> <HMAC-SHA-256>}: each
 * run of a node counts what it signs, so a copy is worth nothing. A receiver is one start of a
 * node, so nothing is worth more to a node that has started again. Thread-safe.
 */
public final class NodeTrust {
  /** How long what was signed is on its way, at most. */
  static final Duration LIFETIME = Duration.ofSeconds(30);

  /** Receiver of what is for all nodes. */
  private static final String ALL = "*";

  private static final int RUN_BYTES = 9;
  private static final int PARTS = 6;

  /** Runs of nodes whose numbers are remembered; only those that know the key have one. */
  private static final int REMEMBERED_RUNS = 1_000;

  private final Signed kind;
  private final Incarnation self;
  private final Supplier<Optional<Keyring>> keys;
  private final RejectionLog refusals;
  private final LongSupplier millis;
  private final String run;

  /** What was signed for each node: numbers that it does not get would only make its window old. */
  private final Map<NodeId, AtomicLong> numbers = new ConcurrentHashMap<>();

  private final AtomicLong numbersForAll = new AtomicLong();

  private final Map<String, ReplayWindow> heard =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ReplayWindow> eldest) {
          return size() > REMEMBERED_RUNS;
        }
      };

  /**
   * Signs and checks what is of one kind.
   *
   * @param keys as they are at the time; empty until they are known
   * @param millis the time of day, in milliseconds since 1970
   */
  public NodeTrust(
      Signed kind,
      Incarnation self,
      Supplier<Optional<Keyring>> keys,
      RejectionLog refusals,
      LongSupplier millis) {
    this.kind = kind;
    this.self = self;
    this.keys = keys;
    this.refusals = refusals;
    this.millis = millis;
    byte[] random = new byte[RUN_BYTES];
    new SecureRandom().nextBytes(random);
    this.run = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** The signature of what is said to one node; empty until the key is known. */
  public Optional<String> sign(Incarnation to, List<String> said) {
    AtomicLong number = numbers.computeIfAbsent(to.node(), first -> new AtomicLong());
    return sign(to.toString(), number, said);
  }

  /** The signature of what is said to all nodes; empty until the key is known. */
  public Optional<String> signForAll(List<String> said) {
    return sign(ALL, numbersForAll, said);
  }

  private Optional<String> sign(String to, AtomicLong number, List<String> said) {
    return keys.get()
        .map(
            ring -> {
              String request =
                  String.join(
                      " ",
                      self.node().value(),
                      run,
                      Long.toString(number.incrementAndGet()),
                      Long.toString(millis.getAsLong()),
                      to);
              return request + " " + ring.sign(kind, with(request, said));
            });
  }

  private static List<String> with(String request, List<String> said) {
    List<String> all = new ArrayList<>(said);
    all.add(request);
    return all;
  }

  /**
   * Whether another node has signed exactly this, for this one or for all, not long ago, and never
   * before. What is not believed is counted; until the key is known, nothing is believed or
   * counted.
   *
   * @param origin where it came from, for people
   */
  public boolean check(String signature, List<String> said, String origin) {
    Optional<Keyring> ring = keys.get();
    if (ring.isEmpty()) {
      // Nothing can be said of it, as happens to a node that has just started: no alarm.
      return false;
    }
    Optional<RejectionLog.Reason> problem = problem(ring.get(), signature, said);
    problem.ifPresent(reason -> refused(reason, origin));
    return problem.isEmpty();
  }

  /** Something that cannot be from a node is counted, too. */
  public void refused(RejectionLog.Reason reason, String origin) {
    refusals.refused(kind, reason, origin);
  }

  private Optional<RejectionLog.Reason> problem(Keyring ring, String signature, List<String> said) {
    String[] parts = signature.split(" ", PARTS + 1);
    if (parts.length != PARTS) {
      return Optional.of(RejectionLog.Reason.FORGED);
    }
    String request = signature.substring(0, signature.lastIndexOf(' '));
    if (!ring.verifies(kind, with(request, said), parts[5])) {
      return Optional.of(RejectionLog.Reason.FORGED);
    }
    // From here on it is what a node has written, and has its form.
    if (!parts[4].equals(ALL) && !parts[4].equals(self.toString())) {
      return Optional.of(RejectionLog.Reason.FOREIGN);
    }
    Validity validity = Validity.from(Long.parseLong(parts[3]), LIFETIME);
    return validity
        .problem(millis.getAsLong())
        .or(
            () ->
                isNew(String.join(" ", parts[0], parts[1], parts[4]), Long.parseLong(parts[2]))
                    ? Optional.empty()
                    : Optional.of(RejectionLog.Reason.REPLAYED));
  }

  private boolean isNew(String sender, long number) {
    synchronized (heard) {
      return heard.computeIfAbsent(sender, first -> new ReplayWindow()).isNew(number);
    }
  }
}
