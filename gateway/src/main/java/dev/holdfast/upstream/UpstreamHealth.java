package dev.holdfast.upstream;

/**
 * Derives an upstream's state from successive checks. One good check makes it healthy. A healthy
 * upstream becomes unhealthy after
 *
 * <ul>
 *   <li>two consecutive checks without a connection or with a wrong response, so that one lost
 *       packet moves no sessions. A link that could not connect counts as the first;
 *   <li>three consecutive checks without a response in time: Open WebUI's single event loop may be
 *       busy for seconds, and moving its users to equally busy instances would not help;
 *   <li>one check that finds websockets disabled, which is a setting and not a failure.
 * </ul>
 *
 * An unhealthy upstream takes on the state of each check at once. Immutable.
 *
 * @param failures consecutive failed checks
 */
record UpstreamHealth(UpstreamState state, int failures) {
  static final UpstreamHealth NEW =
      new UpstreamHealth(new UpstreamState(UpstreamState.Kind.UNKNOWN, "not checked yet"), 0);

  UpstreamHealth checked(UpstreamState found) {
    if (found.healthy()) {
      return new UpstreamHealth(found, 0);
    }
    int inRow = failures + 1;
    boolean believed = !state.healthy() || inRow >= tolerated(found.kind());
    return new UpstreamHealth(believed ? found : state, inRow);
  }

  /** Records a connection that failed outside the checks. */
  UpstreamHealth suspected() {
    return state.healthy() && failures == 0 ? new UpstreamHealth(state, 1) : this;
  }

  private static int tolerated(UpstreamState.Kind kind) {
    return switch (kind) {
      case SLOW -> 3;
      case UNREACHABLE, REFUSING -> 2;
      case WEBSOCKETS_OFF, UNKNOWN, HEALTHY -> 1;
    };
  }
}
