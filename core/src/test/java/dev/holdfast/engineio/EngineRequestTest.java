package dev.holdfast.engineio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineRequestTest {
  /** As {@code parse_qs} of Python reads them, by which python-engineio does. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "EIO=4&transport=polling                   | 4   | polling   | -",
        "EIO=4&transport=websocket&sid=abc         | 4   | websocket | abc",
        "EIO=%34&transport=%70olling               | 4   | polling   | -",
        "%45IO=4&tr%61nsport=polling&s%69d=a%2Bb   | 4   | polling   | a+b",
        "EIO=4&transport=polling&sid=              | 4   | polling   | -",
        "EIO=4&transport=polling&sid               | 4   | polling   | -",
        "EIO=4&transport=polling&sid=&sid=x        | 4   | polling   | x",
        "EIO=4&transport=polling&transport=x       | 4   | polling   | -",
        "EIO=4&transport=&transport=polling        | 4   | polling   | -",
        "EIO=&EIO=4&transport=polling              | 4   | polling   | -",
        "EIO=4&EIO=4&transport=polling             | 4,4 | polling   | -",
        "EIO=4+&transport=polling                  | '4 ' | polling   | -",
        "eio=4&Transport=polling&SID=x             | -   | -         | -",
        "EIO=%&transport=%zz                       | %   | %zz       | -",
        "EIO&transport                             | -   | -         | -",
      })
  void reads(String query, String eio, String transport, String sid) {
    EngineRequest request = EngineRequest.of(query);

    assertThat(request.eio()).isEqualTo(Optional.ofNullable(eio));
    assertThat(request.transport()).isEqualTo(Optional.ofNullable(transport));
    assertThat(request.sid()).isEqualTo(Optional.ofNullable(sid));
    assertThat(request.isPolling()).isEqualTo("polling".equals(transport));
  }

  @ParameterizedTest
  @CsvSource({
    "EIO=4&a=1&transport=polling&a=2&sid=x&t=1&b64=1, a=1&a=2&",
    "&&a&=x&a=%20b&, a&=x&a=%20b&",
    "SID=x&T=1, SID=x&T=1&",
    "s%69d=x&%74=1&EI%4F=3, ''",
  })
  void restIsTheApplicationsAsItCame(String query, String application) {
    assertThat(EngineRequest.of(query).application()).isEqualTo(application);
  }

  @ParameterizedTest
  @ValueSource(strings = {"j=0", "j=x", "%6a=1", "j=&j=1"})
  void jsonpIsSeen(String query) {
    assertThat(EngineRequest.of(query).jsonp()).isTrue();
  }

  @Test
  void jsonpWithoutAnIndexIsNone() {
    assertThat(EngineRequest.of("j=&j").jsonp()).isFalse();
  }
}
