import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Prints what a flight recording says of the relay: {@code java Profile.java RECORDING EVENTS}.
 * Bytes allocated for each event are exact, by thread; the places are sampled.
 */
final class Profile {
  private static final int DEPTH = 4;
  private static final int LINES = 14;

  private final Map<String, long[]> threads = new HashMap<>();
  private final Map<String, Double> places = new HashMap<>();
  private final Map<String, Double> leaves = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    var profile = new Profile();
    for (RecordedEvent event : RecordingFile.readAllEvents(Path.of(arguments[0]))) {
      profile.add(event);
    }
    profile.print(Double.parseDouble(arguments[1]));
  }

  private void add(RecordedEvent event) {
    switch (event.getEventType().getName()) {
      case "jdk.ThreadAllocationStatistics" -> {
        if (event.getThread("thread") != null && event.getThread("thread").getJavaName() != null) {
          long allocated = event.getLong("allocated");
          threads.merge(
              event.getThread("thread").getJavaName(),
              new long[] {allocated, allocated},
              (a, b) -> new long[] {Math.min(a[0], b[0]), Math.max(a[1], b[1])});
        }
      }
      case "jdk.ObjectAllocationSample" ->
          places.merge(
              event.getClass("objectClass").getName() + "\n        " + frames(event, DEPTH),
              (double) event.getLong("weight"),
              Double::sum);
      case "jdk.ExecutionSample", "jdk.NativeMethodSample" ->
          leaves.merge(frames(event, 2), 1.0, Double::sum);
      default -> {}
    }
  }

  private static String frames(RecordedEvent event, int depth) {
    if (event.getStackTrace() == null) {
      return "(no stack)";
    }
    List<RecordedFrame> frames = event.getStackTrace().getFrames();
    return frames.stream()
        .limit(depth)
        .map(
            f ->
                f.getMethod().getType().getName().replaceAll(".*\\.", "")
                    + "."
                    + f.getMethod().getName()
                    + ":"
                    + f.getLineNumber())
        .collect(Collectors.joining(" < "));
  }

  private void print(double events) {
    System.out.println("  allocated for each event:");
    threads.entrySet().stream()
        .map(e -> Map.entry(e.getKey(), (e.getValue()[1] - e.getValue()[0]) / events))
        .filter(e -> e.getValue() >= 0.01)
        .sorted((a, b) -> Double.compare(b.getValue(), a.getValue()))
        .limit(6)
        .forEach(e -> System.out.printf("    %10.2f bytes  %s%n", e.getValue(), e.getKey()));
    print("allocations, sampled:", places);
    print("where time is spent (Java frames only), sampled:", leaves);
  }

  private static void print(String title, Map<String, Double> shares) {
    double all = shares.values().stream().mapToDouble(Double::doubleValue).sum();
    System.out.println("  " + title);
    shares.entrySet().stream()
        .sorted((a, b) -> Double.compare(b.getValue(), a.getValue()))
        .limit(LINES)
        .forEach(e -> System.out.printf("    %5.1f %%  %s%n", 100 * e.getValue() / all, e.getKey()));
  }
}
