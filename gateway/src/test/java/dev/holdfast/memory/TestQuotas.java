package dev.holdfast.memory;

import dev.holdfast.memory.Quotas.Resource;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Quotas for tests of something else. */
public final class TestQuotas {
  private static final long PLENTY = 1L << 30;

  private TestQuotas() {}

  /** More than any test needs of each resource. */
  public static Quotas plenty() {
    return new Quotas(
        Arrays.stream(Resource.values())
            .collect(Collectors.toMap(Function.identity(), resource -> PLENTY)));
  }
}
