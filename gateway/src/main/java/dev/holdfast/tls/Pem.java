package dev.holdfast.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * One block of a PEM file, RFC 7468 §2. Text around the blocks is ignored. Immutable.
 *
 * @param label such as {@code PRIVATE KEY}
 * @param body the text between its first and last line; truncated where the next block begins
 * @param whole whether it has its last line
 */
record Pem(String label, String body, boolean whole) {
  private static final String BEGIN = "-----BEGIN ";
  private static final String DASHES = "-----";

  static List<Pem> blocks(byte[] content) {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    List<Pem> found = new ArrayList<>();
    int begin = text.indexOf(BEGIN);
    while (begin >= 0) {
      int labelAt = begin + BEGIN.length();
      int labelEnd = text.indexOf(DASHES, labelAt);
      int next = text.indexOf(BEGIN, labelAt);
      if (labelEnd >= 0 && (next < 0 || labelEnd < next)) {
        String label = text.substring(labelAt, labelEnd);
        String rest = text.substring(labelEnd + DASHES.length(), next < 0 ? text.length() : next);
        int end = rest.indexOf("-----END " + label + DASHES);
        found.add(new Pem(label, end < 0 ? rest : rest.substring(0, end), end >= 0));
      }
      begin = next;
    }
    return found;
  }

  boolean isPrivateKey() {
    return label.endsWith("PRIVATE KEY");
  }

  boolean isCertificate() {
    return label.equals("CERTIFICATE") || label.equals("X509 CERTIFICATE");
  }

  /** Returns whether it has the headers of an encrypted key, RFC 1421 §4.6.1.1. */
  boolean hasPassword() {
    return body.contains("Proc-Type:") && body.contains("ENCRYPTED");
  }

  /** Returns the decoded body; empty if it is not complete base64. */
  Optional<byte[]> decoded() {
    StringBuilder letters = new StringBuilder(body.length());
    body.chars().filter(c -> c > ' ').forEach(c -> letters.append((char) c));
    try {
      return whole ? Optional.of(Base64.getDecoder().decode(letters.toString())) : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /** Returns the text of the block. */
  String text() {
    return BEGIN + label + DASHES + "\n" + body.strip() + "\n-----END " + label + DASHES + "\n";
  }
}
