package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cluster.SessionRecord;
import org.junit.jupiter.api.Test;

class RecordsTest {
  private static final SessionRecord SESSION =
      new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, false);
  private static final SessionRecord THROUGH_NODE =
      new SessionRecord("s1", "u1", "x:80", "192.0.2.1", 7, SessionRecord.State.LIVE, true);

  @Test
  void sessionIsReadAsItWasWritten() {
    assertThat(Records.session(Records.text(SESSION))).contains(SESSION);
    assertThat(Records.session(Records.text(THROUGH_NODE))).contains(THROUGH_NODE);
  }

  @Test
  void sessionOfANodeThatDoesNotSayMoreComesDirectly() {
    String text = "sid=s1&user=u1&upstream=x%3A80&address=192.0.2.1&since=7&state=live";

    assertThat(Records.session(text)).contains(SESSION);
    assertThat(Records.session(text + "&through=tunnel&later=1")).contains(SESSION);
  }
}
