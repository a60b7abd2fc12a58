package dev.holdfast.redis;

import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** A valkey-server in a container that shares the network of its engine and the test's files. */
record ContainedServer(GenericContainer<?> container) implements RedisProcess.Running {

  @SuppressWarnings("resource") // kill() closes it
  static ContainedServer start(String image, String files, List<String> arguments) {
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withImagePullPolicy(any -> false)
            .withCommand(arguments.toArray(String[]::new))
            .withCreateContainerCmdModifier(
                create ->
                    create
                        // The image's own gives root up, and with it the test's files.
                        .withEntrypoint("valkey-server")
                        .withHostConfig(
                            HostConfig.newHostConfig()
                                .withNetworkMode("host")
                                .withBinds(Bind.parse(files + ":" + files))));
    container.start();
    return new ContainedServer(container);
  }

  @Override
  public boolean isAlive() {
    return container.isRunning();
  }

  @Override
  public void pause() {
    container.getDockerClient().pauseContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void resume() {
    container.getDockerClient().unpauseContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void kill() {
    container.stop();
  }
}
