package dev.holdfast.redis;

import java.util.List;
import redis.clients.jedis.AbstractPipeline;

/** Tells all nodes something; who does not hear it finds out at its next beat. Immutable. */
record Publication(Names names, String message) implements Exchange {
  @Override
  public void queue(AbstractPipeline pipe) {
    var unused =
        pipe.eval(Scripts.PUBLISH, List.of(names.nodes()), List.of(names.nodes(), message));
  }

  @Override
  public void take() {}

  @Override
  public void lost() {}
}
