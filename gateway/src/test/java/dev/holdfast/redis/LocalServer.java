package dev.holdfast.redis;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A process of this machine. */
record LocalServer(Process process) implements RedisProcess.Running {

  static LocalServer start(File program, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.getAbsolutePath()));
    command.addAll(arguments);
    return new LocalServer(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void pause() throws IOException, InterruptedException {
    signal("-STOP");
  }

  @Override
  public void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
