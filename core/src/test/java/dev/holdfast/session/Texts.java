package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Merges the texts of one letter: {@code ["a","some "]} and {@code ["a","text"]}. Those of another
 * letter may come before; {@code ["end"]} ends all runs.
 */
final class Texts implements Compactor {
  private static final Pattern TEXT = Pattern.compile("\\[\"([a-z])\",\"(.*)\"]");

  @Override
  public Optional<Run> begin(byte[] event) {
    Matcher first = TEXT.matcher(new String(event, UTF_8));
    return first.matches() ? Optional.of(new Same(first)) : Optional.empty();
  }

  private static final class Same implements Run {
    private final String letter;
    private final StringBuilder text = new StringBuilder();

    private Same(Matcher first) {
      letter = first.group(1);
      text.append(first.group(2));
    }

    @Override
    public Step next(byte[] event) {
      String json = new String(event, UTF_8);
      Matcher next = TEXT.matcher(json);
      if (!next.matches() || !next.group(1).equals(letter)) {
        return json.equals("[\"end\"]") ? Step.ENDED : Step.PASSED;
      }
      text.append(next.group(2));
      return Step.MERGED;
    }

    @Override
    public byte[] merged() {
      return ("[\"" + letter + "\",\"" + text + "\"]").getBytes(UTF_8);
    }
  }
}
