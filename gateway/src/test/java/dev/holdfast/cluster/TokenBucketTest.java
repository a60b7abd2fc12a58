package dev.holdfast.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void burstIsATenthOfASecondsTokens() {
    TokenBucket bucket = new TokenBucket(50, 7);

    for (int token = 0; token < 5; token++) {
      assertThat(bucket.take(7)).isTrue();
    }
    assertThat(bucket.take(7)).isFalse();
    assertThat(bucket.untilNext(7)).isEqualTo(SECOND / 50);
    assertThat(bucket.take(7 + SECOND / 50 - 1)).isFalse();
    assertThat(bucket.take(7 + SECOND / 50)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "9,1", "19,1", "20,2", "100000,10000"})
  void burstIsNeverNothing(int perSecond, int burst) {
    assertThat(TokenBucket.burst(perSecond)).isEqualTo(burst);
  }

  @Test
  void bucketThatWasLeftAloneHoldsOneBurst() {
    TokenBucket bucket = new TokenBucket(20, 0);

    assertThat(taken(bucket, 3600 * SECOND)).isEqualTo(2);
    assertThat(taken(bucket, 7200 * SECOND)).isEqualTo(2);
  }

  @Test
  void clockMayPassTheEndOfItsRange() {
    TokenBucket bucket = new TokenBucket(10, Long.MAX_VALUE - 5);

    assertThat(bucket.take(Long.MAX_VALUE)).isTrue();
    assertThat(bucket.take(Long.MIN_VALUE)).isFalse();
    assertThat(bucket.take(Long.MIN_VALUE + SECOND)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 50, 999, 100_000})
  void noSecondHasMoreThanTheRateAndTheBurst(int perSecond) {
    Random random = new Random(perSecond);
    TokenBucket bucket = new TokenBucket(perSecond, 0);
    List<Long> takings = new ArrayList<>();
    long now = 0;
    while (takings.size() < 5_000) {
      now += random.nextLong(2 * SECOND / perSecond + 1);
      if (random.nextInt(500) == 0) {
        now += random.nextLong(3 * SECOND);
      }
      if (bucket.take(now)) {
        takings.add(now);
      }
    }

    int most = perSecond + TokenBucket.burst(perSecond);
    for (int last = most; last < takings.size(); last++) {
      assertThat(takings.get(last) - takings.get(last - most)).isGreaterThanOrEqualTo(SECOND);
    }
  }

  private static int taken(TokenBucket bucket, long now) {
    int count = 0;
    while (bucket.take(now)) {
      count++;
    }
    return count;
  }
}
