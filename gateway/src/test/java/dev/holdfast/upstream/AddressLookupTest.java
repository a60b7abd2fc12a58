package dev.holdfast.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AddressLookupTest {
  private static final int PORT = 8080;

  private final Deque<Runnable> lookups = new ArrayDeque<>();
  private List<String> found = List.of();
  private final AddressLookup addresses =
      new AddressLookup("webui", PORT, lookups::add, host -> answer());

  @Test
  void addressesAreThoseOfTheLookup() {
    resolve("10.0.0.1", "10.0.0.2");

    assertThat(addresses.known()).containsExactly(at("10.0.0.1"), at("10.0.0.2"));
  }

  @Test
  void nameThatMovedIsFollowed() {
    resolve("10.0.0.1");
    resolve("10.0.0.9");

    assertThat(addresses.known()).containsExactly(at("10.0.0.9"));
  }

  @Test
  void failedLookupKeepsTheLastGoodAddresses() {
    resolve("10.0.0.1");
    resolve();

    assertThat(addresses.known()).containsExactly(at("10.0.0.1"));
  }

  @Test
  void nameThatWasNeverKnownSaysSo() {
    resolve();

    assertThat(addresses.known()).isEmpty();
    assertThat(addresses.problem()).isEqualTo("host name webui is not known");
  }

  @Test
  void addressThatIsNoLongerKnownIsNotPutFirst() {
    resolve("10.0.0.1", "10.0.0.2");

    addresses.worked(at("10.0.0.9"));

    assertThat(addresses.known()).containsExactly(at("10.0.0.1"), at("10.0.0.2"));
  }

  @Test
  void lookupThatCannotBeginDoesNotPreventTheNext() {
    AtomicInteger asked = new AtomicInteger();
    AddressLookup rejected =
        new AddressLookup(
            "webui",
            PORT,
            task -> {
              asked.incrementAndGet();
              throw new RejectedExecutionException("the thread is busy");
            },
            host -> answer());

    assertThatThrownBy(rejected::refresh).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(rejected::refresh).isInstanceOf(RejectedExecutionException.class);

    assertThat(asked).hasValue(2);
  }

  @Test
  void addressThatWorkedStaysFirstWhenTheOrderTurns() {
    resolve("10.0.0.1", "10.0.0.2");
    addresses.worked(at("10.0.0.2"));
    resolve("10.0.0.1", "10.0.0.3", "10.0.0.2");

    assertThat(addresses.known()).containsExactly(at("10.0.0.2"), at("10.0.0.1"), at("10.0.0.3"));
  }

  @Test
  void addressThatIsNoLongerKnownIsNotBroughtBack() {
    resolve("10.0.0.1");
    addresses.worked(at("10.0.0.7"));

    assertThat(addresses.known()).containsExactly(at("10.0.0.1"));
  }

  @Test
  void nameThatStaysUnknownIsSaidOnceAndAgainWhenItIsKnown() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(AddressLookup.class);
    logger.setLevel(Level.INFO);
    log.start();
    logger.addAppender(log);

    resolve("10.0.0.1");
    resolve();
    resolve();
    resolve("10.0.0.1");
    resolve("10.0.0.1");
    resolve();
    logger.detachAppender(log);

    assertThat(log.list.stream().map(ILoggingEvent::getFormattedMessage))
        .containsExactly(
            "webui is at [/10.0.0.1:8080]",
            "cannot resolve webui, keeping [/10.0.0.1:8080]",
            "webui is at [/10.0.0.1:8080]",
            "cannot resolve webui, keeping [/10.0.0.1:8080]");
  }

  @Test
  void oneLookupWaitsAtMost() {
    addresses.refresh();
    addresses.refresh();

    assertThat(lookups).hasSize(1);
  }

  private void resolve(String... answers) {
    found = List.of(answers);
    addresses.refresh();
    lookups.remove().run();
  }

  private InetAddress[] answer() throws UnknownHostException {
    if (found.isEmpty()) {
      throw new UnknownHostException("webui");
    }
    InetAddress[] answer = new InetAddress[found.size()];
    for (int each = 0; each < answer.length; each++) {
      answer[each] = InetAddress.getAllByName(found.get(each))[0];
    }
    return answer;
  }

  private static InetSocketAddress at(String address) {
    try {
      return new InetSocketAddress(InetAddress.getAllByName(address)[0], PORT);
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
