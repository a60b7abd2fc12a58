package dev.holdfast.simulation;

/** A fault of a process: one call of what stands behind a port throws. */
final class Fault {
  /** What is thrown on purpose. */
  static final class Thrown extends RuntimeException implements Injector.Planted {
    private static final long serialVersionUID = 1;
  }

  private int calls = -1;
  private Runnable told = () -> {};

  /** The call after that many more throws, and {@code then} runs first. */
  void after(int more, Runnable then) {
    calls = more;
    told = then;
  }

  /** None throws any more. */
  void lift() {
    calls = -1;
  }

  /** Something was called. */
  void count() {
    if (calls >= 0 && calls-- == 0) {
      told.run();
      throw new Thrown();
    }
  }
}
