package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.CloseReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionEntryTest {
  private final TestSessions sessions = new TestSessions();
  private final List<String> closed = new ArrayList<>();

  @Test
  void entryWithoutItsSessionIsAFault() {
    SessionEntry entry = new SessionEntry(Runnable::run);

    assertThatThrownBy(entry::session).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void parkedSessionEndsOnceAndSaysSo() {
    SessionEntry entry = sessions.entry("one", 0);

    entry.closeParked(CloseReason.PARKED_PER_USER, () -> closed.add("first"));
    entry.closeParked(CloseReason.PARKED_SHARE, () -> closed.add("second"));
    sessions.run();

    assertThat(closed).containsExactly("first");
    assertThat(sessions.ended()).containsExactly("one parked-per-user");
  }
}
