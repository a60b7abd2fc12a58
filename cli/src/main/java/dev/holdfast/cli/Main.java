package dev.holdfast.cli;

/** The program's entry point. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    // Undertow and XNIO log through JBoss Logging, which would otherwise look for others first.
    System.setProperty("org.jboss.logging.provider", "slf4j");
    int code;
    try {
      code = Holdfast.commandLine(System.getenv()).execute(arguments);
    } catch (Error e) {
      // Running threads would keep a process alive that serves no one.
      e.printStackTrace();
      code = 1;
    }
    System.exit(code);
  }
}
