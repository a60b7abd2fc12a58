package dev.holdfast.sessions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.CloseReason;
import dev.holdfast.upstream.NodeLink;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteLinkTest {
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_ALL,
      names = {"UPSTREAM_.*"})
  void linkThatItsUpstreamEndedHasBroughtAll(CloseReason reason) {
    assertThat(RemoteLink.isWhole(NodeLink.End.CLOSED, reason.label())).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names = {"UPSTREAM_.*"})
  void linkThatTheLendingNodeEndedMayLackSome(CloseReason reason) {
    assertThat(RemoteLink.isWhole(NodeLink.End.CLOSED, reason.label())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unheard-of", "upstream"})
  void soMayOneThatEndedForAReasonNobodyKnows(String reason) {
    assertThat(RemoteLink.isWhole(NodeLink.End.CLOSED, reason)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLOSED")
  void soMayOneThatBroke(NodeLink.End how) {
    assertThat(RemoteLink.isWhole(how, CloseReason.UPSTREAM_CLOSED.label())).isFalse();
  }
}
