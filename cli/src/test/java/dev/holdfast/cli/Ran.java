package dev.holdfast.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** What a command did: its exit code and what it printed. */
record Ran(int code, String out, String err) {
  static Ran command(String... arguments) {
    return in(Map.of(), arguments);
  }

  static Ran in(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Holdfast.commandLine(environment)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Ran(code, out.toString(), err.toString());
  }
}
