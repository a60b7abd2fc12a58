package dev.holdfast.config;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Texts as Open WebUI, which is written in Python, understands them. Stateless. */
final class PythonText {
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+(_[0-9]+)*");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
  private static final Set<String> FALSE = Set.of("0", "F", "FALSE", "N", "NO");
  private static final int ESCAPE = 3;
  private static final int HEX = 16;

  private PythonText() {}

  /** With bytes for {@code %XX}; a % that begins none stands for itself, and a plus, too. */
  static String unquoted(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int value =
          bytes[i] == '%' && i + ESCAPE <= bytes.length ? hex(bytes[i + 1], bytes[i + 2]) : -1;
      if (value < 0) {
        out.write(bytes[i]);
      } else {
        out.write(value);
        i += ESCAPE - 1;
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static int hex(byte high, byte low) {
    int first = Character.digit(high, HEX);
    int second = Character.digit(low, HEX);
    return first < 0 || second < 0 ? -1 : first * HEX + second;
  }

  static int integer(String text) throws Rejected {
    String digits = text.strip();
    Rejected.when(!INTEGER.matcher(digits).matches(), "must be a whole number");
    try {
      return Integer.parseInt(digits.replace("_", ""));
    } catch (NumberFormatException e) {
      throw new Rejected("must be a whole number of less than ten digits");
    }
  }

  static double number(String text) throws Rejected {
    Rejected.when(!NUMBER.matcher(text.strip()).matches(), "must be a number");
    return Double.parseDouble(text.strip());
  }

  static boolean flag(String text) {
    return !FALSE.contains(text.toUpperCase(Locale.ROOT));
  }
}
