package dev.holdfast.session;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Matches the equal events of two sequences near a known shift. If the shift holds everywhere, the
 * match is straight. If one sequence has events that the other lacks, the longest match in a band
 * around the shift is used (Needleman-Wunsch with free ends).
 */
final class ShiftedMatch {
  /** Reach of the band beyond the number of events without any equal. */
  private static final int SLACK = 2;

  private static final int UNREACHED = Integer.MIN_VALUE / 2;
  private static final int MATCH = 2;
  private static final int GAP = -2;

  /** A start beside the shift costs more than the equal events that it may gain. */
  private static final int BESIDE = -3;

  private enum Move {
    BEGIN,
    BOTH,
    OLD_ONLY,
    NEXT_ONLY
  }

  private final boolean[] repeats;
  private final int end;

  private ShiftedMatch(boolean[] repeats, int end) {
    this.repeats = repeats;
    this.end = end;
  }

  /**
   * Returns whether the old sequence has this event of the next one, or had it before its first
   * one.
   */
  boolean isRepeat(int index) {
    return repeats[index];
  }

  /** Returns the index in the old sequence after the last event of both. */
  int end() {
    return end;
  }

  /** Matches sequences with {@code next[j] == old[shift + j]} wherever both exist. */
  static ShiftedMatch straight(long[] old, long[] next, int shift) {
    boolean[] repeats = new boolean[next.length];
    int both = Math.max(0, Math.min(next.length, old.length - shift));
    Arrays.fill(repeats, 0, both, true);
    return new ShiftedMatch(repeats, Math.max(0, Math.min(old.length, shift + next.length)));
  }

  /** Matches sequences for which that holds nearly everywhere. */
  static ShiftedMatch best(long[] old, long[] next, int shift) {
    return new Table(old, next, shift).match();
  }

  /** Row {@code j}, column {@code k}: of {@code next[0..j)} and {@code old[0..j + first + k)}. */
  private static final class Table {
    private final long[] old;
    private final long[] next;
    private final boolean[] aloneInOld;
    private final boolean[] aloneInNext;
    private final int first;
    private final int width;
    private final int[][] score;
    private final Move[][] move;

    Table(long[] old, long[] next, int shift) {
      this.old = old;
      this.next = next;
      this.aloneInOld = alone(old, next);
      this.aloneInNext = alone(next, old);
      int reach = count(aloneInOld) + count(aloneInNext) + SLACK;
      this.first = shift - reach;
      this.width = 2 * reach + 1;
      this.score = new int[next.length + 1][width];
      this.move = new Move[next.length + 1][width];
      for (int j = 0; j <= next.length; j++) {
        for (int k = 0; k < width; k++) {
          fill(j, k, reach);
        }
      }
    }

    private static boolean[] alone(long[] events, long[] others) {
      Set<Long> kinds = new HashSet<>();
      for (long other : others) {
        kinds.add(other);
      }
      boolean[] alone = new boolean[events.length];
      for (int i = 0; i < events.length; i++) {
        alone[i] = !kinds.contains(events[i]);
      }
      return alone;
    }

    private static int count(boolean[] flags) {
      int count = 0;
      for (boolean flag : flags) {
        count += flag ? 1 : 0;
      }
      return count;
    }

    private void fill(int j, int k, int reach) {
      int i = j + first + k;
      score[j][k] = UNREACHED;
      move[j][k] = Move.BEGIN;
      if (i < 0 || i > old.length) {
        return;
      }
      if (i == 0 || j == 0) {
        score[j][k] = BESIDE * Math.abs(k - reach);
        return;
      }
      if (old[i - 1] == next[j - 1]) {
        take(j, k, score[j - 1][k] + MATCH, Move.BOTH);
      }
      if (k > 0) {
        take(j, k, score[j][k - 1] + (aloneInOld[i - 1] ? 0 : GAP), Move.OLD_ONLY);
      }
      if (k + 1 < width) {
        take(j, k, score[j - 1][k + 1] + (aloneInNext[j - 1] ? 0 : GAP), Move.NEXT_ONLY);
      }
    }

    private void take(int j, int k, int value, Move by) {
      if (value > score[j][k]) {
        score[j][k] = value;
        move[j][k] = by;
      }
    }

    /** Returns the best path that ends where one of the sequences does, traced back. */
    ShiftedMatch match() {
      int bestRow = next.length;
      int bestColumn = 0;
      for (int j = 0; j <= next.length; j++) {
        for (int k = 0; k < width; k++) {
          int i = j + first + k;
          boolean ends = i == old.length || (j == next.length && i >= 0 && i < old.length);
          if (ends && score[j][k] > score[bestRow][bestColumn]) {
            bestRow = j;
            bestColumn = k;
          }
        }
      }
      return walk(bestRow, bestColumn);
    }

    private ShiftedMatch walk(int row, int column) {
      boolean[] repeats = new boolean[next.length];
      int j = row;
      int k = column;
      while (j > 0 && j + first + k > 0 && move[j][k] != Move.BEGIN) {
        switch (move[j][k]) {
          case BOTH -> repeats[--j] = true;
          case OLD_ONLY -> k--;
          default -> {
            j--;
            k++;
          }
        }
      }
      // The old link delivered these before its first remembered event.
      for (int before = 0; before < j; before++) {
        repeats[before] = !aloneInNext[before];
      }
      return new ShiftedMatch(repeats, Math.max(0, Math.min(old.length, row + first + column)));
    }
  }
}
