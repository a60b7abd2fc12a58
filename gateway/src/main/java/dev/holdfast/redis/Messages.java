package dev.holdfast.redis;

import dev.holdfast.cluster.Command;
import dev.holdfast.cluster.NodeId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The format of messages between nodes: a type, names and values, and for sessions one line each.
 *
 * <pre>
 *   joined node=a&amp;incarnation=x
 *   left node=a&amp;incarnation=x
 *   reread node=a&amp;incarnation=x&amp;rev=7
 *   sessions node=a&amp;incarnation=x&amp;rev=8
 *   +1 user=u&amp;upstream=b%3A80
 *   -2
 *   command kick-user=u
 *   beat subscription=1&amp;number=9
 *   revoked id=x-1&amp;text=revoke-user%3Du%26issued%3D1+signature
 * </pre>
 */
final class Messages {
  static final String JOINED = "joined";
  static final String LEFT = "left";
  static final String REREAD = "reread";
  static final String SESSIONS = "sessions";
  static final String COMMAND = "command";
  static final String BEAT = "beat";
  static final String REVOKED = "revoked";

  private static final String KICK_USER = "kick-user";
  private static final String KICK_SESSION = "kick-session";
  private static final String REVOKE_TOKEN = "revoke-token";
  private static final String REVOKE_USER = "revoke-user";
  private static final String DRAIN = "drain";
  private static final String DRAIN_UPSTREAM = "drain-upstream";
  private static final String UNDRAIN_UPSTREAM = "undrain-upstream";
  private static final String ASK = "ask";
  private static final String ANSWER = "answer";

  private Messages() {}

  static String joined(Self self) {
    return JOINED + " " + QueryString.encode(values(self));
  }

  static String left(Self self) {
    return LEFT + " " + QueryString.encode(values(self));
  }

  /** A message that a node sends to itself to test its subscription. */
  static String beat(long subscription, long number) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("subscription", Long.toString(subscription));
    values.put("number", Long.toString(number));
    return BEAT + " " + QueryString.encode(values);
  }

  /** A revocation as stored in Redis. */
  static String revoked(String id, String signed) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("id", id);
    values.put("text", signed);
    return REVOKED + " " + QueryString.encode(values);
  }

  /** Returns the name of a command. */
  static String name(Command command) {
    return words(command).keySet().iterator().next();
  }

  static String reread(Self self, long rev) {
    return REREAD + " " + withRev(self, rev);
  }

  static String sessions(Self self, long rev, String changes) {
    return SESSIONS + " " + withRev(self, rev) + changes;
  }

  private static String withRev(Self self, long rev) {
    Map<String, String> values = values(self);
    values.put("rev", Long.toString(rev));
    return QueryString.encode(values);
  }

  private static Map<String, String> values(Self self) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("node", self.id().value());
    values.put("incarnation", self.incarnation());
    return values;
  }

  static String command(Command command) {
    return COMMAND + " " + QueryString.encode(words(command));
  }

  /**
   * The first name is the type of the command, so that older nodes ignore types they do not know.
   */
  static Map<String, String> words(Command command) {
    if (command instanceof Command.KickUser kick) {
      return Map.of(KICK_USER, kick.user());
    } else if (command instanceof Command.KickSession kick) {
      return Map.of(KICK_SESSION, kick.sid());
    } else if (command instanceof Command.RevokeToken revoke) {
      return Map.of(REVOKE_TOKEN, revoke.hash());
    } else if (command instanceof Command.RevokeUser revoke) {
      return Map.of(REVOKE_USER, revoke.user());
    } else if (command instanceof Command.DrainUpstream drain) {
      return Map.of(DRAIN_UPSTREAM, drain.upstream());
    } else if (command instanceof Command.UndrainUpstream undrain) {
      return Map.of(UNDRAIN_UPSTREAM, undrain.upstream());
    }
    Map<String, String> words = new LinkedHashMap<>();
    if (command instanceof Command.Ask ask) {
      words.put(ASK, ask.question());
      words.put("from", ask.from().value());
      words.put("id", ask.id());
    } else if (command instanceof Command.Answer answer) {
      words.put(ANSWER, answer.text());
      words.put("id", answer.id());
    } else {
      words.put(DRAIN, "node");
    }
    return words;
  }

  /** Parses a command; empty if its type belongs to a newer version. */
  static Optional<Command> command(Map<String, String> values) {
    return values.entrySet().stream()
        .findFirst()
        .map(first -> command(first.getKey(), first.getValue(), values));
  }

  private static @Nullable Command command(String name, String value, Map<String, String> values) {
    String id = values.getOrDefault("id", "");
    return switch (name) {
      case KICK_USER -> new Command.KickUser(value);
      case KICK_SESSION -> new Command.KickSession(value);
      case REVOKE_TOKEN -> new Command.RevokeToken(value);
      case REVOKE_USER -> new Command.RevokeUser(value);
      case DRAIN_UPSTREAM -> new Command.DrainUpstream(value);
      case UNDRAIN_UPSTREAM -> new Command.UndrainUpstream(value);
      case DRAIN -> new Command.Drain();
      case ASK -> new Command.Ask(new NodeId(values.getOrDefault("from", "")), id, value);
      case ANSWER -> new Command.Answer(id, value);
      default -> null;
    };
  }

  /** Parses a message; empty if it is not a command. */
  static Optional<Command> commandOf(String message) {
    return message.startsWith(COMMAND + " ")
        ? command(QueryString.decode(message.substring(COMMAND.length() + 1)))
        : Optional.empty();
  }
}
