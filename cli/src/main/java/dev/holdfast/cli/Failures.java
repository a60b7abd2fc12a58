package dev.holdfast.cli;

import dev.holdfast.cli.remote.RefusedException;
import dev.holdfast.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Reports why a command failed, and selects its exit code. */
final class Failures implements IExecutionExceptionHandler {
  /** The name given on the command line does not exist. */
  private static final int NOBODY = 3;

  @Override
  public int handleExecutionException(
      Exception problem, CommandLine commandLine, ParseResult parsed) throws Exception {
    PrintWriter err = commandLine.getErr();
    if (problem instanceof ConfigException config) {
      int count = config.problems().size();
      err.println(
          "holdfast: " + (count == 1 ? "a setting" : count + " settings") + " cannot be used");
      config.problems().forEach(each -> err.println("  " + each));
      return ExitCode.USAGE;
    }
    if (problem instanceof RefusedException refused && refused.isNotFound()) {
      err.println("holdfast: " + refused.getMessage());
      return NOBODY;
    }
    if (problem instanceof IOException) {
      err.println("holdfast: " + problem.getMessage());
      return ExitCode.SOFTWARE;
    }
    throw problem;
  }
}
