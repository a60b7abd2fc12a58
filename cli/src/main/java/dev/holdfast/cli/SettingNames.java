package dev.holdfast.cli;

import dev.holdfast.config.Settings;
import java.util.Iterator;

/** What shells complete behind {@code --set}. */
final class SettingNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Settings.keys().stream().map(key -> key.name() + "=").iterator();
  }
}
