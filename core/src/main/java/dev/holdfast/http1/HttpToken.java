package dev.holdfast.http1;

/** The characters of a {@code token}, such as a header name: RFC 9110 §5.6.2. */
final class HttpToken {
  private static final boolean[] TOKEN = new boolean[128];

  static {
    for (char c = '0'; c <= 'z'; c++) {
      TOKEN[c] = Character.isLetterOrDigit(c);
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      TOKEN[c] = true;
    }
  }

  private HttpToken() {}

  static boolean contains(byte b) {
    return b >= 0 && TOKEN[b];
  }
}
