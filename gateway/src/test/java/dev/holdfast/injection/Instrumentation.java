package dev.holdfast.injection;

import dev.holdfast.simulation.Mutation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Copies of the product's classes that call {@link FaultPoints}. */
final class Instrumentation {
  private static final String POINTS = "dev.holdfast.injection.FaultPoints.";

  /**
   * A call that is put before or behind each occurrence of a piece of source.
   *
   * @param times how often the piece is there
   */
  private record Call(String piece, int times, String before, String behind) {
    String into(String source) {
      int found = source.split(Pattern.quote(piece), -1).length - 1;
      if (found != times) {
        throw new IllegalStateException(found + " times in the source: " + piece);
      }
      return source.replace(piece, before + piece + behind);
    }
  }

  private static Call before(String piece, int times, String call) {
    return new Call(piece, times, POINTS + call + ";\n", "");
  }

  private static Call behind(String piece, int times, String call) {
    return new Call(piece, times, "", POINTS + call + ";\n");
  }

  private static final Map<String, List<Call>> CALLS =
      Map.ofEntries(
          Map.entry(
              "time/ErrorBoundary.java",
              List.of(
                  before("      entry.run();", 1, "entered(what, entry)"),
                  before("      return entry.get();", 1, "entered(what, entry)"),
                  before("      entry.accept(target);", 1, "entered(what, entry)"),
                  before("      entry.call(target, argument);", 2, "entered(what, entry)"))),
          Map.entry(
              "memory/Quotas.java",
              List.of(
                  behind(
                      "public Optional<Holding> take(Peer peer, long amount, Runnable cut) {",
                      1,
                      "at(\"take of a quota\")"),
                  behind(
                      "public Optional<Holding> take(Peer peer, long amount) {",
                      1,
                      "at(\"take of a quota\")"),
                  behind("public boolean grow(long more) {", 1, "at(\"growth of a holding\")"),
                  behind("public void mayBeCut(Runnable by) {", 1, "at(\"may be cut\")"),
                  behind("public void keep() {", 1, "at(\"is kept\")"),
                  behind("          pool.release(this);", 1, "at(\"release of a holding\")"))),
          Map.entry(
              "memory/BufferPool.java",
              List.of(
                  behind(
                      "public @Nullable ByteBuffer take(int capacity) {",
                      1,
                      "at(\"take of a buffer\")"),
                  behind(
                      "public @Nullable ByteBuffer takeSmall() {", 1, "at(\"take of a buffer\")"),
                  behind(
                      "public ByteBuffer overdraw(int capacity) {", 1, "at(\"take of a buffer\")"),
                  behind(
                      "      default -> {\n        // Left to the garbage collector.\n      }\n    }",
                      1,
                      "at(\"giving a buffer back\")"))),
          Map.entry(
              "proxy/Blocks.java",
              List.of(
                  behind("ByteBuffer take() {", 1, "at(\"take of a block\")"),
                  behind("void give(ByteBuffer block) {", 1, "at(\"giving a block back\")"))),
          Map.entry(
              "proxy/Pump.java",
              List.of(
                  behind("private long writeOnce() throws IOException {", 1, "atIo(\"write\")"),
                  before("      count = source.read(into);", 1, "atIo(\"read\")"))),
          Map.entry(
              "proxy/HeadReader.java",
              List.of(before("      count = source.read(", 1, "atIo(\"read of a head\")"))),
          Map.entry(
              "proxy/ConnectionPool.java",
              List.of(before("    backend.connector()", 1, "at(\"dial\")"))),
          Map.entry(
              "http1/HeadConduit.java",
              List.of(
                  behind(
                      "  public int read(ByteBuffer target) throws IOException {",
                      1,
                      "atIo(\"read of a client\")"))),
          Map.entry(
              "http1/RefusedConnection.java",
              List.of(
                  before("      sink.write(ByteBuffer.wrap", 1, "atIo(\"write of a refusal\")"))),
          Map.entry(
              "wire/XnioEventLoop.java",
              List.of(
                  before("    thread.execute(task);", 1, "at(\"execute\")"),
                  behind(
                      "public Runnable schedule(Duration delay, Runnable task) {",
                      1,
                      "at(\"schedule\")"))),
          Map.entry(
              "redis/Writer.java",
              List.of(before("      pipe.sync();", 1, "at(\"sending to Redis\")"))));

  private Instrumentation() {}

  /** A program that runs on copies, one of them with a further change. */
  static ProcessBuilder java(
      Class<?> main, List<String> arguments, Path source, UnaryOperator<String> change)
      throws IOException {
    Map<Path, UnaryOperator<String>> changes = new TreeMap<>();
    CALLS.forEach((name, calls) -> changes.put(Path.of(name), text -> instrumented(text, calls)));
    changes.merge(
        source, change, (instrument, fault) -> text -> instrument.apply(fault.apply(text)));
    Mutation mutation = Mutation.create();
    mutation.changeAll(changes);
    return mutation.java(main, arguments);
  }

  private static String instrumented(String source, List<Call> calls) {
    String text = source;
    for (Call call : calls) {
      text = call.into(text);
    }
    return text;
  }
}
