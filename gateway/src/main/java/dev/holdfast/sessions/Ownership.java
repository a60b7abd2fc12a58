package dev.holdfast.sessions;

import dev.holdfast.forwarding.Identity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a client owns a session: by the token of its CONNECT, that of its last {@code
 * user-join}, or a verified token of the same user. A token that was verified must not have
 * expired. Stores hashes, not tokens. Confined to its session.
 */
final class Ownership {
  /** Maximum number of different tokens in a session. A page has one or two. */
  private static final int MOST_TOKENS = 8;

  private final Identity identity;
  private final @Nullable Token connectToken;
  private @Nullable Token joinToken;
  private List<Token> tokens;
  private @Nullable String user;

  /** Creates the ownership of a session that begins with this token. */
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

  /** Creates the ownership of a session that another node has handed off. */
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
   * The known facts about an owner, as handed off between nodes.
   *
   * @param connectToken null if there was none
   * @param joinToken null if there was none
   * @param user null if unknown
   * @param tokens all tokens of the session
   */
  record Kept(
      @Nullable TokenHash connectToken,
      @Nullable TokenHash joinToken,
      @Nullable String user,
      List<Token> tokens) {
    /** Rejects a record without tokens, which another node may have sent. */
    Kept {
      tokens = List.copyOf(tokens);
    }
  }

  /** Returns the known facts about the owner. */
  Kept kept() {
    return new Kept(hash(connectToken), hash(joinToken), user, tokens);
  }

  private static @Nullable TokenHash hash(@Nullable Token token) {
    return token == null ? null : token.hash();
  }

  /** Returns the user's id; empty if unknown. */
  Optional<String> user() {
    return Optional.ofNullable(user);
  }

  /** Returns the user's id if tokens are verified; empty otherwise. */
  Optional<String> verifiedUser() {
    return identity.isVerifying() ? user() : Optional.empty();
  }

  /**
   * Returns a name that tells the client from others: the verified user, else the first token, else
   * the address.
   */
  String owner(String address) {
    return verifiedUser()
        .map(id -> "user " + id)
        .or(() -> Optional.ofNullable(connectToken).map(token -> "token " + token.hash()))
        .orElse("address " + address);
  }

  /** Returns all tokens of the session, without duplicates. */
  List<Token> tokens() {
    return tokens;
  }

  /** Returns whether the session has more tokens than any page has. */
  boolean hasTooManyTokens() {
    return tokens.size() > MOST_TOKENS;
  }

  /** Records the token of a {@code user-join}; returns it if it is new to the session. */
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

  /** Records a token with which the client has resumed; returns it if it is new to the session. */
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

  /**
   * Returns whether a client with this token owns the session. Without a token it owns only a
   * session whose CONNECT had none.
   */
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
