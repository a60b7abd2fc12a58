package dev.holdfast.redis;

import static dev.holdfast.fuzz.Parser.require;
import static dev.holdfast.fuzz.Parser.utf8;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.SessionRecord;
import dev.holdfast.fuzz.Parser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.exceptions.JedisDataException;

/** What anybody who writes to Redis can make a node read. */
public final class RedisParsers {
  private RedisParsers() {}

  /** All of them. */
  public static List<Parser> all() {
    return List.of(form(), session(), registration(), command(), server(), failure());
  }

  private static Parser form() {
    return Parser.of(
            "record",
            RedisParsers::decoded,
            (input, random) -> {
              Map<String, String> values = decoded(input);
              require(
                  decoded(QueryString.encode(values)).equals(values),
                  "what is written reads the same");
            },
            "user=u1&upstream=a%3A80",
            "node=a&incarnation=x&rev=7")
        .tokens("a", "=", "&", "%3A", "%", "+", "%e2%82%ac", "é");
  }

  private static Map<String, String> decoded(byte[] input) {
    return decoded(utf8(input));
  }

  /** What is no record is refused by an exception that all callers handle. */
  private static Map<String, String> decoded(String text) {
    try {
      return QueryString.decode(text);
    } catch (IllegalArgumentException declared) {
      return Map.of();
    }
  }

  private static Parser session() {
    return Parser.of(
            "session-record",
            input -> Records.session(utf8(input)),
            (input, random) -> {
              Optional<SessionRecord> session = Records.session(utf8(input));
              require(
                  session.isEmpty() || Records.session(Records.text(session.get())).equals(session),
                  "what is written reads the same");
            },
            "sid=s&user=u&upstream=b%3A80&address=192.0.2.1&since=1700000000000&state=live",
            "sid=s&state=parked&through=node")
        .tokens("sid=", "user=", "since=", "state=", "live", "parked", "&", "1", "-", "%");
  }

  private static Parser registration() {
    return Parser.of(
            "registration",
            input -> RegistrationRecord.of(utf8(input)),
            (input, random) -> {
              Optional<RegistrationRecord> record = RegistrationRecord.of(utf8(input));
              require(
                  record.isEmpty() || RegistrationRecord.of(record.get().text()).equals(record),
                  "what is written reads the same");
              require(
                  record.isEmpty() || record.get().member().address().isUnresolved(),
                  "its address is not looked up");
            },
            "id=node-a&incarnation=x&host=10.0.0.1&port=8001&version=1&draining=false&sessions=3"
                + "&rev=4&started=1&issued=2&expires=3")
        .tokens("id=", "host=", "port=", "sessions=", "&", "1", "-", "localhost");
  }

  private static Parser command() {
    return Parser.of(
            "command",
            input -> commandOf(utf8(input)),
            (input, random) -> {
              Optional<Command> command = commandOf(utf8(input));
              require(
                  command.isEmpty() || commandOf(Messages.command(command.get())).equals(command),
                  "what is written reads the same");
            },
            "command kick-user=u",
            "command ask=upstreams&from=node-a&id=7",
            "command answer=%5B%5D&id=7",
            "command drain=node",
            "sessions node=a&incarnation=x&rev=8\n+1 user=u&upstream=b%3A80\n-2")
        .tokens("command ", "kick-user", "ask", "from", "answer", "=", "&", "id=", "drain", "\n");
  }

  private static Optional<Command> commandOf(String message) {
    try {
      return Messages.commandOf(message);
    } catch (IllegalArgumentException declared) {
      return Optional.empty();
    }
  }

  private static Parser server() {
    return Parser.of(
            "redis-info",
            input -> ServerInfo.of(Optional.of(utf8(input))).isAtLeast("6.2"),
            (input, random) -> {
              ServerInfo info = ServerInfo.of(Optional.of(utf8(input)));
              require(!info.isAtLeast("6.2") || info.isAtLeast("6.1"), "versions have an order");
            },
            "# Server\r\nredis_version:7.0.15\r\nos:Linux\r\n",
            "redis_version:7.2.4\r\nvalkey_version:8.0.1\r\n")
        .tokens("redis_version:", "valkey_version:", "\r\n", ".", "6", "2", "-");
  }

  private static Parser failure() {
    return Parser.of(
            "redis-error",
            input -> RedisFailure.of(new JedisDataException(utf8(input))),
            (input, random) -> {
              String sentence = RedisFailure.of(new JedisDataException(utf8(input))).sentence();
              require(sentence.length() <= 201, "it is short");
              require(sentence.lines().count() <= 1, "it is one line");
            },
            "NOAUTH Authentication required.",
            "ERR Error running script -OOM command not allowed",
            "MOVED 3999 127.0.0.1:6381")
        .tokens("NOAUTH ", "-OOM ", "ASK", " ", "\n", "\t", "ACL", "non local key");
  }
}
