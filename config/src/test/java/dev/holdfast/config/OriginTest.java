package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {
  @ParameterizedTest
  @CsvSource({
    "https://chat.example.org, https://chat.example.org",
    "https://chat.example.org/, https://chat.example.org",
    "HTTPS://Chat.Example.ORG, https://chat.example.org",
    "https://chat.example.org:443, https://chat.example.org",
    "https://chat.example.org:8443, https://chat.example.org:8443",
    "https://chat.example.org.:8443/, https://chat.example.org:8443",
    "https://chat.example.org:80, https://chat.example.org:80",
    "http://chat:80, http://chat",
    "http://open_webui:8080, http://open_webui:8080",
    "wss://chat.example.org, https://chat.example.org",
    "ws://chat:443, http://chat:443",
    "http://127.0.0.1:8080, http://127.0.0.1:8080",
    "http://[::1]:8080, http://[0:0:0:0:0:0:0:1]:8080",
    "http://[2001:DB8::0:1], http://[2001:db8:0:0:0:0:0:1]",
    "capacitor://localhost, capacitor://localhost",
    "capacitor://localhost/, capacitor://localhost",
    "ionic://localhost:80, ionic://localhost:80",
    "tauri://localhost, tauri://localhost",
    "app://., app://.",
    "app://-, app://-",
    "file://, file://",
    "file:///, file://",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop, chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0e2ec1b5-7c1b-4a7e-8a7e-000000000000, moz-extension://0e2ec1b5-7c1b-4a7e-8a7e-000000000000",
    "vscode-webview+x.1://host, vscode-webview+x.1://host"
  })
  void spellingsOfAnOriginAreOne(String text, String origin) {
    assertThat(Origin.parse(text)).map(Origin::toString).contains(origin);
    assertThat(Origin.parse(origin)).isEqualTo(Origin.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "null",
        "/",
        "://",
        "chat.example.org",
        "//chat.example.org",
        "https:chat.example.org",
        "https:/chat.example.org",
        "https://",
        "https:///",
        "https://:443",
        "https://chat.example.org:",
        "https://chat.example.org:x",
        "https://chat.example.org:65536",
        "https://chat.example.org:000443",
        "https://chat.example.org:+443",
        "https://chat.example.org//",
        "https://chat.example.org/x",
        "https://chat.example.org?x",
        "https://chat.example.org#x",
        "https://user@chat.example.org",
        "https://chat.example.org@evil.example",
        "https://chat.example.org\\@evil.example",
        "https://chat.example.org, https://evil.example",
        "https://chat.example.org https://evil.example",
        "https://chat example.org",
        "https://chat%2eexample.org",
        "https://b\u00fccher.example",
        "https://[::1",
        "https://::1",
        "https://[chat]",
        "https://[::1]x:80",
        "https://*.example.org",
        "1https://chat.example.org",
        " https://chat.example.org"
      })
  void anythingElseIsNone(String text) {
    assertThat(Origin.parse(text)).isEmpty();
  }

  @Test
  void longTextIsNone() {
    assertThat(Origin.parse("https://" + "a".repeat(1_000_000))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "https://chat.example.org, chat.example.org, true",
    "https://chat.example.org, CHAT.example.org., true",
    "https://chat.example.org, chat.example.org:443, true",
    "https://chat.example.org, chat.example.org:80, false",
    "http://chat.example.org, chat.example.org:80, true",
    "https://chat.example.org:8443, chat.example.org:8443, true",
    "https://chat.example.org:8443, chat.example.org, true",
    "https://chat.example.org:8443, chat.example.org:8444, false",
    "https://chat.example.org, evil.example, false",
    "https://chat.example.org, example.org, false",
    "https://chat.example.org, chat.example.org.evil.example, false",
    "https://chat.example.org, chat.example.org:, false",
    "https://chat.example.org, chat.example.org:x, false",
    "https://chat.example.org, '', false",
    "https://chat.example.org, https://chat.example.org, false",
    "http://[::1]:8080, [::1]:8080, true",
    "http://[::1]:8080, [0:0::1], true",
    "http://[::1]:8080, ::1, false",
    "http://10.0.0.1, 10.0.0.1, true",
    "capacitor://localhost, localhost, false",
    "file://, '', false"
  })
  void hostHeaderNamesItsWebPages(String origin, String host, boolean isAt) {
    assertThat(Origin.parse(origin).orElseThrow().isAt(host)).isEqualTo(isAt);
  }
}
