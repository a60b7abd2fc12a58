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
 * Signs messages to other nodes and verifies theirs. A signature is {@code <node> <run> <number>
 * <time> <receiver> <HMAC-SHA-256>}. Each run of a node numbers its signatures, so a copy is not
 * accepted twice. The receiver is one incarnation of a node, so a restarted node accepts nothing
 * sent to the previous one. Thread-safe.
 */
public final class NodeTrust {
  /** Longest time that a signed message may be in transit. */
  static final Duration LIFETIME = Duration.ofSeconds(30);

  /** The receiver of messages to all nodes. */
  private static final String ALL = "*";

  private static final int RUN_BYTES = 9;
  private static final int PARTS = 6;

  /**
   * Number of runs whose signature numbers are remembered; only holders of the key can create runs.
   */
  private static final int REMEMBERED_RUNS = 1_000;

  private final Signed kind;
  private final Incarnation self;
  private final Supplier<Optional<Keyring>> keys;
  private final RejectionLog refusals;
  private final LongSupplier millis;
  private final String run;

  /**
   * Counters per receiver, since numbers that a receiver never sees would needlessly advance its
   * window.
   */
  private final Map<NodeId, AtomicLong> numbers = new ConcurrentHashMap<>();

  private final AtomicLong numbersForAll = new AtomicLong();

  private final Map<String, ReplayWindow> receivedNumbers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ReplayWindow> eldest) {
          return size() > REMEMBERED_RUNS;
        }
      };

  /**
   * Signs and verifies messages of one kind.
   *
   * @param keys the current keys; empty until they are known
   * @param millis the wall clock, in milliseconds since 1970
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

  /** Signs a message to one node; empty until the key is known. */
  public Optional<String> sign(Incarnation to, List<String> fields) {
    AtomicLong number = numbers.computeIfAbsent(to.node(), first -> new AtomicLong());
    return sign(to.toString(), number, fields);
  }

  /** Signs a message to all nodes; empty until the key is known. */
  public Optional<String> signForAll(List<String> fields) {
    return sign(ALL, numbersForAll, fields);
  }

  private Optional<String> sign(String to, AtomicLong number, List<String> fields) {
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
              return request + " " + ring.sign(kind, with(request, fields));
            });
  }

  private static List<String> with(String request, List<String> fields) {
    List<String> all = new ArrayList<>(fields);
    all.add(request);
    return all;
  }

  /**
   * Returns whether another node has signed exactly this, for this node or for all, recently and
   * never before. Failures are counted. Until the key is known nothing is valid or counted.
   *
   * @param origin where it came from, for the log
   */
  public boolean check(String signature, List<String> fields, String origin) {
    Optional<Keyring> ring = keys.get();
    if (ring.isEmpty()) {
      // Cannot be verified yet, as on a node that has just started; no reason for an alarm.
      return false;
    }
    Optional<RejectionLog.Reason> problem = problem(ring.get(), signature, fields);
    problem.ifPresent(reason -> refused(reason, origin));
    return problem.isEmpty();
  }

  /** Counts a message that cannot be from a node. */
  public void refused(RejectionLog.Reason reason, String origin) {
    refusals.refused(kind, reason, origin);
  }

  private Optional<RejectionLog.Reason> problem(
      Keyring ring, String signature, List<String> fields) {
    String[] parts = signature.split(" ", PARTS + 1);
    if (parts.length != PARTS) {
      return Optional.of(RejectionLog.Reason.FORGED);
    }
    String request = signature.substring(0, signature.lastIndexOf(' '));
    if (!ring.verifies(kind, with(request, fields), parts[5])) {
      return Optional.of(RejectionLog.Reason.FORGED);
    }
    // The signature is valid, so a node wrote this and it is well-formed.
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
    synchronized (receivedNumbers) {
      return receivedNumbers.computeIfAbsent(sender, first -> new ReplayWindow()).isNew(number);
    }
  }
}
