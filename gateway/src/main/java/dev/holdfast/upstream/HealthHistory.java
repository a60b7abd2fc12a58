package dev.holdfast.upstream;

/**
 * What to believe of an upstream after a check. One good check makes it healthy. A healthy one is
 * given up after
 *
 * <ul>
 *   <li>two checks in a row without a connection or with a wrong answer, so that one lost packet
 *       moves nobody. A link that could not connect counts as the first;
 *   <li>three checks in a row without an answer in time: Open WebUI's one event loop may be busy
 *       for seconds, and moving its users to others in the same position helps nobody;
 *   <li>one check that finds websockets off: that is a setting, not an accident.
 * </ul>
 *
 * An upstream that is not healthy is believed at once to be in another state. Immutable.
 *
 * @param failures checks in a row that were not good
 */
record HealthHistory(UpstreamState state, int failures) {
  static final HealthHistory NEW =
      new HealthHistory(new UpstreamState(UpstreamState.Kind.UNKNOWN, "not checked yet"), 0);

  HealthHistory checked(UpstreamState found) {
    if (found.healthy()) {
      return new HealthHistory(found, 0);
    }
    int inRow = failures + 1;
    boolean believed = !state.healthy() || inRow >= tolerated(found.kind());
    return new HealthHistory(believed ? found : state, inRow);
  }

  /** A connection failed outside of the checks. */
  HealthHistory suspected() {
    return state.healthy() && failures == 0 ? new HealthHistory(state, 1) : this;
  }

  private static int tolerated(UpstreamState.Kind kind) {
    return switch (kind) {
      case SLOW -> 3;
      case UNREACHABLE, REFUSING -> 2;
      case WEBSOCKETS_OFF, UNKNOWN, HEALTHY -> 1;
    };
  }
}
