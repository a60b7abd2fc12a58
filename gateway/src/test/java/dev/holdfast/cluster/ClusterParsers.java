package dev.holdfast.cluster;

import static dev.holdfast.fuzz.Parser.latin;
import static dev.holdfast.fuzz.Parser.require;

import dev.holdfast.fuzz.Parser;
import java.util.List;
import java.util.Optional;

/** What nodes tell each other. */
public final class ClusterParsers {
  private static final SignedRequest ASKED =
      new SignedRequest(
          "GET", "/path", new SignedRequest.Client("", false, "192.0.2.1", "https", "a"));

  private ClusterParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(nodeId(), signature());
  }

  private static Parser nodeId() {
    return Parser.of(
            "node-id",
            input -> NodeId.of(latin(input)),
            (input, random) -> {
              String secret = latin(input);
              Optional<NodeId> node = NodeId.of(secret);
              require(
                  node.isEmpty() || secret.startsWith(node.get().value() + "."),
                  "it stands in front of a dot");
              require(
                  NodeId.named(secret).isPresent() == secret.matches("[a-z0-9-]{1,32}"),
                  "it has the form of a name");
            },
            "node-a.lv_VI97HAXpY6yYWAAAB",
            "node-a")
        .tokens("node", "-", ".", "a", "0", "A", "é", "_");
  }

  /** Whoever does not know the key has signed nothing. */
  private static Parser signature() {
    Optional<Keyring> keys = Optional.of(Keyring.of(List.of("a key that nobody else knows")));
    NodeTrust here =
        new NodeTrust(
            Signed.REQUEST,
            new Incarnation(new NodeId("here"), "start"),
            () -> keys,
            new RejectionLog((kind, reason) -> {}, () -> 0),
            () -> 0);
    return Parser.of(
            "node-signature",
            input -> SignedRequest.check(here, latin(input), ASKED, "nowhere"),
            (input, random) ->
                require(
                    SignedRequest.check(here, latin(input), ASKED, "nowhere").isEmpty(),
                    "nobody has signed it"),
            "t 192.0.2.1 there AAAAAAAAAAAA 1 0 here/start AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        .tokens("there", "here/start", "*", " ", "1", "t", "u", "192.0.2.1", "AAAA", "-");
  }
}
