package dev.holdfast.injection;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import dev.holdfast.injection.FaultPoints.Kind;
import dev.holdfast.injection.FaultPoints.Point;
import dev.holdfast.time.ErrorBoundary;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/**
 * Throws once in each of many runs against a real node, at each place that a scenario comes to and
 * each kind of what can be thrown there, and says which it does not get over. Arguments: the seed,
 * the number of runs, and a part of the names of the places if not all are wanted.
 */
public final class NodeInjection {
  /** One place is passed often in some scenarios: one of the first times is chosen. */
  private static final int LATEST = 8;

  private record Run(Scenario scenario, Point point, Kind kind, int after) {}

  /** What the boundaries of the node have kept back, but was not thrown on purpose. */
  private static final class Unplanned extends AppenderBase<ILoggingEvent> {
    private final Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();

    static Unplanned listen() {
      LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
      context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
      Logger logger = context.getLogger(ErrorBoundary.class);
      logger.setLevel(Level.ERROR);
      logger.setAdditive(false);
      Unplanned unplanned = new Unplanned();
      unplanned.start();
      logger.addAppender(unplanned);
      return unplanned;
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getThrowableProxy() instanceof ThrowableProxy proxy
          && !(proxy.getThrowable() instanceof FaultPoints.Planted)) {
        thrown.add(proxy.getThrowable());
      }
    }
  }

  private final Unplanned unplanned;
  private final Random random;
  private final Set<Point> thrownAt = new TreeSet<>();
  private Node node;
  private int failed;

  private NodeInjection(long seed) throws IOException, InterruptedException {
    unplanned = Unplanned.listen();
    random = new Random(seed);
    node = Node.start();
  }

  /** Exits with 1 if a run has failed, and with 2 if it could not be run. */
  public static void main(String[] arguments) {
    int status = 2;
    try {
      NodeInjection injection = new NodeInjection(Long.parseLong(arguments[0]));
      status = injection.run(Integer.parseInt(arguments[1]), wanted(arguments)) ? 0 : 1;
    } catch (IOException | InterruptedException | RuntimeException | AssertionError problem) {
      problem.printStackTrace(System.out);
    }
    System.exit(status);
  }

  private static String wanted(String... arguments) {
    return arguments.length > 2 ? arguments[2] : "";
  }

  private boolean run(int runs, String wanted) throws IOException, InterruptedException {
    List<Run> all = plan();
    all.removeIf(run -> !run.point().place().contains(wanted));
    for (int i = 0; i < runs; i++) {
      perform(all.get(i % all.size()));
    }
    long places = all.stream().map(Run::point).distinct().count();
    System.out.printf(
        "thrown at %d of %d places: %s%n",
        thrownAt.size(), places, thrownAt.stream().map(Point::place).toList());
    System.out.printf("%d passed, %d failed%n", runs - failed, failed);
    node.close();
    return failed == 0;
  }

  /**
   * First every place with each kind once, those of each sort of place in turn, then again in other
   * scenarios and later.
   */
  private List<Run> plan() throws IOException, InterruptedException {
    List<Run> first = new ArrayList<>();
    List<Run> more = new ArrayList<>();
    Set<Point> own = new TreeSet<>();
    Set<Point> known = new TreeSet<>();
    for (Scenario scenario : Scenario.values()) {
      Map<Point, Integer> passed = passed(scenario);
      // The session beside has such timers, too. The simulation throws there.
      passed.keySet().removeIf(point -> point.place().contains("CancellableTask"));
      if (scenario == Scenario.IDLE) {
        own.addAll(passed.keySet());
      } else {
        passed.keySet().removeAll(own);
      }
      passed.forEach(
          (point, times) -> {
            for (Kind kind : Kind.values()) {
              if (kind != Kind.IO || point.io()) {
                (known.contains(point) ? more : first).add(new Run(scenario, point, kind, 0));
                if (times > 1) {
                  int after = 1 + random.nextInt(Math.min(times - 1, LATEST));
                  more.add(new Run(scenario, point, kind, after));
                }
              }
            }
          });
      known.addAll(passed.keySet());
    }
    Collections.shuffle(first, random);
    Collections.shuffle(more, random);
    List<Run> all = inTurn(first);
    all.addAll(more);
    return all;
  }

  /** One of each sort, then another of each: a short series comes to all sorts. */
  private static List<Run> inTurn(List<Run> runs) {
    Map<String, Queue<Run>> sorts = new TreeMap<>();
    runs.forEach(run -> sorts.computeIfAbsent(sort(run), sort -> new ArrayDeque<>()).add(run));
    List<Run> all = new ArrayList<>();
    while (all.size() < runs.size()) {
      sorts.values().stream().map(Queue::poll).filter(Objects::nonNull).forEach(all::add);
    }
    return all;
  }

  /** A place without its classes: {@code entry of a WebSocket wire in wire}. */
  private static String sort(Run run) {
    return run.point().place().replaceAll("\\.[A-Z]\\S*", "");
  }

  private Map<Point, Integer> passed(Scenario scenario) throws IOException, InterruptedException {
    scenario.run(node.place());
    node.goesOn();
    FaultPoints.note();
    scenario.run(node.place());
    Map<Point, Integer> passed = FaultPoints.passed();
    node.goesOn();
    return passed;
  }

  private void perform(Run run) throws IOException, InterruptedException {
    FaultPoints.arm(run.point(), run.kind(), run.after());
    String fault = scenario(run.scenario());
    boolean thrown = FaultPoints.disarm();
    if (thrown) {
      thrownAt.add(run.point());
    }
    fault += afterwards(run) + unplanned();
    if (!fault.isEmpty()) {
      failed++;
      String where =
          "%s %s after %d%s"
              .formatted(run.scenario(), run.kind(), run.after(), thrown ? "" : ", not thrown");
      System.out.println(run.point().place() + ": " + where + ": " + fault);
      node.close();
      node = Node.start();
    }
  }

  private String scenario(Scenario scenario) throws InterruptedException {
    try {
      scenario.run(node.place());
      return "";
    } catch (SocketTimeoutException silent) {
      return "open and silent; ";
    } catch (IOException ended) {
      // That is what it was thrown for.
      return "";
    } catch (AssertionError wrong) {
      return wrong.getMessage() + "; ";
    }
  }

  private String afterwards(Run run) throws IOException, InterruptedException {
    try {
      node.goesOn();
      if (run.scenario() == Scenario.IDLE || run.point().place().contains("redis")) {
        node.works();
      }
      return "";
    } catch (AssertionError worse) {
      return worse.getMessage() + "; ";
    }
  }

  private String unplanned() {
    Throwable first = unplanned.thrown.poll();
    if (first == null) {
      return "";
    }
    unplanned.thrown.clear();
    StringWriter trace = new StringWriter();
    first.printStackTrace(new PrintWriter(trace));
    return "thrown inside: " + trace;
  }
}
