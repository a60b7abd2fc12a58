package dev.holdfast.sessions;

import dev.holdfast.forwarding.Identity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whom a session belongs to: whoever brings the token of its CONNECT, that of its last {@code
 * user-join}, or a verified one of the same user. One that was verified once has to be valid still.
 * Keeps hashes, no tokens. Confined to its session.
 */
final class Ownership {
  /** Different tokens in one session. A page has one or two. */
  private static final int MOST_TOKENS = 8;

  private final Identity identity;
  private final @Nullable Token connectToken;
  private @Nullable Token joinToken;
  private List<Token> tokens;
  private @Nullable String user;

  Ownership(Identity identity, Optional<String> connectToken) {
    this.identity = identity;
    this.connectToken =
        connectToken
            .filter(text -> !text.isEmpty())
            .map(text -> token(TokenHash.of(text), text))
            .orElse(null);
    this.joinToken = this.connectToken;
    this.tokens = Stream.ofNullable(this.connectToken).toList();
    this.user = connectToken.flatMap(identity::userOf).orElse(null);
  }

  private Token token(TokenHash hash, String text) {
    return identity
        .verified(text)
        .map(claims -> new Token(hash, claims.user(), claims.expires()))
        .orElseGet(() -> new Token(hash, null, Token.NEVER));
  }

  /** Ownership of a session that another node has given away. */
  Ownership(Identity identity, Kept kept) {
    this.identity = identity;
    this.tokens = kept.tokens();
    this.connectToken = find(kept.connectToken());
    this.joinToken = find(kept.joinToken());
    this.user = kept.user();
  }

  private @Nullable Token find(@Nullable TokenHash hash) {
    return tokens.stream().filter(each -> each.hash().equals(hash)).findFirst().orElse(null);
  }

  /**
   * What is known of the owner.
   *
   * @param connectToken null if there was none
   * @param joinToken null if there was none
   * @param user null if that is not known
   * @param tokens all that the session was given
   */
  record Kept(
      @Nullable TokenHash connectToken,
      @Nullable TokenHash joinToken,
      @Nullable String user,
      List<Token> tokens) {
    /** Refuses one that lacks its tokens: it may come from another node. */
    Kept {
      tokens = List.copyOf(tokens);
    }
  }

  /** What is known of the owner. */
  Kept kept() {
    return new Kept(hash(connectToken), hash(joinToken), user, tokens);
  }

  private static @Nullable TokenHash hash(@Nullable Token token) {
    return token == null ? null : token.hash();
  }

  /** The user's id, as far as it is known. */
  Optional<String> user() {
    return Optional.ofNullable(user);
  }

  /** The user's id, if a signature says so. */
  Optional<String> verifiedUser() {
    return identity.isVerifying() ? user() : Optional.empty();
  }

  /**
   * What tells its client from others: the verified user, else the first token, else the address.
   */
  String owner(String address) {
    return verifiedUser()
        .map(id -> "user " + id)
        .or(() -> Optional.ofNullable(connectToken).map(token -> "token " + token.hash()))
        .orElse("address " + address);
  }

  /** All tokens that the session was given, each once. */
  List<Token> tokens() {
    return tokens;
  }

  /** Whether there are more tokens than any page has. */
  boolean hasTooManyTokens() {
    return tokens.size() > MOST_TOKENS;
  }

  /** The client has said who it is. Says the token if it is a further one. */
  Optional<Token> joined(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    TokenHash hash = TokenHash.of(text);
    Optional<Token> further = given(hash, text);
    joinToken = find(hash);
    identity.userOf(text).ifPresent(id -> user = id);
    return further;
  }

  /** The client goes on with a token that is good for this session; as {@link #joined}. */
  Optional<Token> given(String text) {
    return given(TokenHash.of(text), text);
  }

  private Optional<Token> given(TokenHash hash, String text) {
    if (find(hash) != null) {
      return Optional.empty();
    }
    Token further = token(hash, text);
    tokens = Stream.concat(tokens.stream(), Stream.of(further)).toList();
    return Optional.of(further);
  }

  /** Whether somebody with this token owns the session; no token is one of its own. */
  boolean isOf(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return connectToken == null;
    }
    TokenHash claimed = TokenHash.of(text);
    return isSame(connectToken, claimed) || isSame(joinToken, claimed) || isOfVerifiedUser(text);
  }

  private boolean isSame(@Nullable Token token, TokenHash claimed) {
    return token != null && token.hash().equals(claimed) && !identity.isPast(token.expires());
  }

  private boolean isOfVerifiedUser(String text) {
    return user != null
        && identity.verified(text).filter(claims -> claims.user().equals(user)).isPresent();
  }
}
