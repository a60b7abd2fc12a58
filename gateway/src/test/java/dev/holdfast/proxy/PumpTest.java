package dev.holdfast.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.proxy.Pump.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("StringConcatToTextBlock") // CRLF matters here, and is seen.
class PumpTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\n\r\n";
  private static final String BODY = "5\r\nhello\r\n0\r\nEtag: c\r\n\r\n";

  /** Room for data in a block, between those for the lines of its chunk. */
  private static final int ROOM = Blocks.SIZE - 2 * Pump.BEFORE;

  private final ScriptedSink sink = new ScriptedSink();
  private final Blocks blocks = new Blocks();

  private Pump pump(ScriptedSource source, BodyDecoder decoder, boolean buffering) {
    boolean chunked = decoder instanceof BodyDecoder.Chunked;
    return new Pump(source.channel(), sink.channel(), blocks, decoder, chunked, buffering);
  }

  private Pump headOnly(boolean buffering) {
    Pump pump = pump(new ScriptedSource(""), new BodyDecoder.Fixed(0), buffering);
    pump.head(block(HEAD, 0));
    return pump;
  }

  private ByteBuffer block(String text, int from) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return blocks.take().put(from, bytes).position(from).limit(from + bytes.length);
  }

  @Test
  void socketThatTookLessIsNotWrittenToAgain() {
    Pump pump = headOnly(false);

    sink.takes(4);

    assertThat(pump.run()).isEqualTo(State.WAITS_FOR_SINK);
    assertThat(sink.writes()).isEqualTo(1);
    assertThat(sink.text()).isEqualTo("HTTP");
    assertThat(pump.run()).isEqualTo(State.DONE);
    assertThat(sink.text()).isEqualTo(HEAD);
  }

  /** TLS takes one record at a time, so less is not a sign that its socket is full. */
  @Test
  void sinkThatBuffersIsWrittenToUntilItTakesNothing() {
    Pump pump = headOnly(true);

    sink.takes(4, 5, 0);

    assertThat(pump.run()).isEqualTo(State.WAITS_FOR_SINK);
    assertThat(sink.writes()).isEqualTo(3);
    assertThat(sink.text()).isEqualTo("HTTP/1.1 ");
    assertThat(pump.run()).isEqualTo(State.DONE);
    assertThat(sink.text()).isEqualTo(HEAD);
  }

  @Test
  void messageIsNotDoneBeforeASinkThatBuffersIsFlushed() {
    Pump pump = headOnly(true);

    sink.keepsBytesOnce();

    assertThat(pump.run()).isEqualTo(State.WAITS_FOR_SINK);
    assertThat(pump.run()).isEqualTo(State.DONE);
  }

  /** Ends of writes fall into and between the head, the chunk, and the trailers. */
  @ParameterizedTest
  @CsvSource({"1,true", "1,false", "10,true", "10,false", "19,false", "29,true", "29,false"})
  void messageArrivesWholeHoweverLittleTheSinkTakes(int each, boolean buffering) {
    var source = new ScriptedSource("");
    Pump pump = pump(source, new BodyDecoder.Chunked(Trailers.OF_RESPONSE), buffering);
    pump.head(block(HEAD, 0));
    int whole = HEAD.length() + BODY.length();
    for (int at = 0; at < whole; at += each) {
      sink.takes(each);
    }

    ByteBuffer first = block(BODY, Pump.BEFORE);
    State state = pump.begin(first, first.position(), first.limit());
    for (int i = 0; state == State.WAITS_FOR_SINK && i < whole; i++) {
      state = pump.run();
    }

    assertThat(state).isEqualTo(State.DONE);
    assertThat(sink.text()).isEqualTo(HEAD + BODY);
    assertThat(pump.written()).isEqualTo(whole);
    assertThat(source.reads()).as("nothing follows the body").isZero();
  }

  @ParameterizedTest
  @CsvSource({"0,false,2", "1,false,1", "0,true,2", "1,true,2"})
  void sourceIsReadAgainOnlyIfItMayHaveMore(int unused, boolean buffering, int reads) {
    var source = new ScriptedSource("x".repeat(ROOM - unused));
    Pump pump = pump(source, new BodyDecoder.Fixed(2L * ROOM), buffering);

    assertThat(pump.run()).isEqualTo(State.WAITS_FOR_SOURCE);

    assertThat(source.reads()).isEqualTo(reads);
    assertThat(sink.text()).hasSize(ROOM - unused);
  }
}
