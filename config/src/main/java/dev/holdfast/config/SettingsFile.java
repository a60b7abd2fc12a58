package dev.holdfast.config;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads settings from a YAML file: keys nested or dotted, lists as lists or as one text. Every
 * problem is named by its line. Confined to one thread.
 */
final class SettingsFile {
  private static final Pattern LINE = Pattern.compile("line ([0-9]+), column");

  private final String name;
  private final YAMLParser parser;
  private final Reading reading;
  private final Set<String> seen = new HashSet<>();

  private SettingsFile(String name, YAMLParser parser, Reading reading) {
    this.name = name;
    this.parser = parser;
    this.reading = reading;
  }

  static void read(Path path, Reading reading) {
    String name = path.toString();
    try (YAMLParser parser = new YAMLFactory().createParser(Files.readString(path))) {
      new SettingsFile(name, parser, reading).document();
    } catch (JsonParseException e) {
      notYaml(name, e.getOriginalMessage(), reading);
    } catch (NoSuchFileException e) {
      reading.problem(name, "settings file", "", "no such file");
    } catch (CharacterCodingException e) {
      reading.problem(name, "settings file", "", "is not UTF-8 text");
    } catch (IOException e) {
      reading.problem(name, "settings file", "", "cannot be read");
    }
  }

  /** The parser's message quotes the file, secrets and all, in its indented lines. */
  private static void notYaml(String name, String message, Reading reading) {
    String why = message.lines().filter(line -> !line.startsWith(" ")).reduce("", (a, b) -> b);
    String line =
        LINE.matcher(message).results().map(each -> each.group(1)).reduce("1", (a, b) -> b);
    reading.problem(name, "line " + line, "", "is not YAML: " + why);
  }

  private void document() throws IOException {
    JsonToken first = parser.nextToken();
    if (first == JsonToken.START_OBJECT) {
      section("");
      if (parser.nextToken() != null) {
        reading.problem(name, source(), "", "must hold one document");
      }
    } else if (first != null && first != JsonToken.VALUE_NULL) {
      reading.problem(name, source(), "", "must hold keys and values");
    }
  }

  /** The current token begins an object; its end is the current token afterwards. */
  private void section(String prefix) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String path = prefix + parser.currentName();
      String source = source();
      JsonToken value = parser.nextToken();
      Key<?> key = Keys.byName().get(path);
      if (!seen.add(path)) {
        refuse(path, source, "stands more than once");
      } else if (key != null) {
        setting(key, source, value);
      } else if (!isSection(path)) {
        refuse(path, source, Nearest.suggestion(path, Keys.byName().keySet()));
      } else if (value == JsonToken.START_OBJECT) {
        section(path + ".");
      } else if (value != JsonToken.VALUE_NULL) {
        refuse(path, source, "must hold keys and values");
      }
    }
  }

  private void refuse(String path, String source, String expected) throws IOException {
    reading.problem(path, source, "", expected);
    parser.skipChildren();
  }

  private void setting(Key<?> key, String source, JsonToken value) throws IOException {
    if (parser.isCurrentAlias()) {
      refuse(key.name(), source, "must be a text, not an alias");
    } else if (value == JsonToken.START_ARRAY && !key.kind().separator().isEmpty()) {
      list(key, source);
    } else if (value.isStructStart()) {
      refuse(key.name(), source, "must be " + key.kind().accepts());
    } else if (value == JsonToken.VALUE_NULL) {
      refuse(key.name(), source, "has no value");
    } else {
      reading.take(key.name(), parser.getText(), source);
    }
  }

  private void list(Key<?> key, String source) throws IOException {
    List<String> items = new ArrayList<>();
    JsonToken item = parser.nextToken();
    while (item != JsonToken.END_ARRAY) {
      if (!item.isScalarValue() || parser.isCurrentAlias()) {
        refuse(key.name(), source(), "items must be texts");
      } else {
        items.add(parser.getText());
      }
      item = parser.nextToken();
    }
    reading.take(key.name(), String.join(key.kind().separator(), items), source);
  }

  private static boolean isSection(String path) {
    return Keys.byName().keySet().stream().anyMatch(key -> key.startsWith(path + "."));
  }

  private String source() {
    return name + " line " + parser.currentTokenLocation().getLineNr();
  }
}
