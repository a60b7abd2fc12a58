package dev.holdfast.openwebui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.proxy.ExchangeObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccountRoutesTest {
  private static final String JSON = "application/json";
  private static final String PAGE = "text/html; charset=utf-8";
  private static final Map<String, List<String>> BEARER =
      Map.of("Authorization", List.of("Bearer a.b.c"));

  private final List<String> told = new ArrayList<>();
  private final AccountRoutes routes =
      new AccountRoutes(
          new AccountRoutes.Sessions() {
            @Override
            public void signedOut(String token) {
              told.add("token " + token);
            }

            @Override
            public void userChanged(String user) {
              told.add("user " + user);
            }
          });

  /** A request and its answer, as an observer sees them. */
  private record Seen(
      String method,
      String target,
      Map<String, List<String>> headers,
      int status,
      Optional<String> contentType)
      implements ExchangeObserver.Exchange {
    @Override
    public List<String> requestHeader(String name) {
      return headers.getOrDefault(name, List.of());
    }

    @Override
    public String clientAddress() {
      return "192.0.2.1";
    }

    @Override
    public Optional<String> verifiedUser() {
      return Optional.empty();
    }

    @Override
    public Optional<String> responseHeader(String name) {
      return name.equals("Content-Type") ? contentType : Optional.empty();
    }
  }

  private List<String> told(
      String method,
      String target,
      Map<String, List<String>> headers,
      int status,
      @Nullable String type) {
    told.clear();
    routes.answered(new Seen(method, target, headers, status, Optional.ofNullable(type)));
    return told;
  }

  /** The routes of Open WebUI's own source; the version is for the reader. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          # version, method, target,                                    status, ends
          0.8,       GET,    /api/v1/auths/signout,                     200,    token a.b.c
          0.9,       GET,    /api/v1/auths/signout?x=1,                 200,    token a.b.c
          0.9,       GET,    /api/v1/auths/signout,                     302,    token a.b.c
          0.9,       GET,    /api/v1/auths/signout,                     304,    -
          0.9,       GET,    /api/v1/auths/signout,                     401,    -
          0.9,       GET,    /api/v1/auths/signout,                     500,    -
          0.9,       POST,   /api/v1/auths/signout,                     405,    -
          0.10,      POST,   /api/v1/auths/signout,                     200,    token a.b.c
          0.11,      POST,   /api/v1/auths/signout,                     204,    token a.b.c
          0.12,      POST,   /api/v1/auths/signout,                     303,    token a.b.c
          0.12,      POST,   /api/v1/auths/sign%6Fut,                   200,    token a.b.c
          0.12,      POST,   /%61pi/v1/auths/signout,                   200,    token a.b.c
          0.12,      POST,   /api/v1/auths/signout,                     307,    token a.b.c
          0.12,      POST,   /api/v1/auths/signout,                     401,    -
          0.12,      POST,   /api/v1/auths/signout,                     403,    -
          0.12,      POST,   /api/v1/auths/signout,                     500,    -
          0.12,      POST,   /api/v1/auths/signout,                     502,    -
          0.12,      HEAD,   /api/v1/auths/signout,                     200,    -
          0.12,      OPTIONS,/api/v1/auths/signout,                     200,    -
          0.12,      POST,   /api/v1/auths/signout/,                    307,    -
          0.12,      POST,   /api/v1/auths/signout%2F,                  200,    -
          0.12,      POST,   /api/v1/auths/sign%256Fut,                 200,    -
          0.12,      POST,   /API/v1/auths/signout,                     200,    -
          0.12,      POST,   //api/v1/auths/signout,                    200,    -
          0.12,      POST,   /api/v1/auths/signin,                      200,    -
          0.12,      POST,   /api/v1/auths/signout%zz,                  200,    -
          0.12,      POST,   /?/api/v1/auths/signout,                   200,    -
          0.8,       POST,   /api/v1/users/u-1/update,                  200,    user u-1
          0.12,      POST,   /api/v1/users/u-1/update?x=1,              200,    user u-1
          0.12,      POST,   /api/v1/users/%75-1/update,                200,    user u-1
          0.12,      POST,   /api/v1/users/a+b%20c/update,              200,    user a+b c
          0.12,      POST,   /api/v1/users/u-1/update,                  302,    -
          0.12,      POST,   /api/v1/users/u-1/update,                  400,    -
          0.12,      POST,   /api/v1/users/u-1/update,                  401,    -
          0.12,      POST,   /api/v1/users/u-1/update,                  403,    -
          0.12,      GET,    /api/v1/users/u-1/update,                  200,    -
          0.12,      POST,   /api/v1/users//update,                     200,    -
          0.12,      POST,   /api/v1/users/update,                      200,    -
          0.12,      POST,   /api/v1/users/a/b/update,                  200,    -
          0.12,      POST,   /api/v1/users/a%2Fb/update,                200,    -
          0.12,      POST,   /api/v1/users/user/settings/update,        200,    -
          0.12,      POST,   /api/v1/users/user/info/update,            200,    -
          0.12,      POST,   /api/v1/users/u-1/sessions/revoke,         200,    user u-1
          0.12,      POST,   /api/v1/users/u-1/sessions/revoke,         404,    -
          0.8,       DELETE, /api/v1/users/u-1,                         200,    user u-1
          0.12,      DELETE, /api/v1/users/u-1,                         401,    -
          0.12,      DELETE, /api/v1/users/u-1,                         403,    -
          0.12,      DELETE, /api/v1/users/u-1,                         500,    -
          0.12,      DELETE, /api/v1/users/,                            200,    -
          0.12,      DELETE, /api/v1/users/u-1/,                        307,    -
          0.12,      GET,    /api/v1/users/u-1,                         200,    -
          0.9,       PUT,    /api/v1/scim/v2/Users/u-1,                 200,    user u-1
          0.9,       PATCH,  /api/v1/scim/v2/Users/u-1,                 200,    user u-1
          0.9,       DELETE, /api/v1/scim/v2/Users/u-1,                 204,    user u-1
          0.9,       DELETE, /api/v1/scim/v2/Users/u-1,                 401,    -
          0.9,       GET,    /api/v1/scim/v2/Users/u-1,                 200,    -
          0.9,       DELETE, /api/v1/scim/v2/Groups/g-1,                204,    -
          0.12,      DELETE, /api/v1/auths/oauth/sessions/x,            200,    -
          0.12,      GET,    /api/v1/auths/,                            200,    -
          0.12,      GET,    /static/%61,                               200,    -
          """)
  void sessionsEndBehindAnswer(
      String version, String method, String target, int status, @Nullable String ends) {
    assertThat(told(method, target, BEARER, status, JSON))
        .as(version)
        .isEqualTo(ends == null ? List.of() : List.of(ends));
  }

  /** Versions that want a POST answer a GET, which a foreign page can cause, with their page. */
  @Test
  void pageThatAnswersAGetSignsNobodyOut() {
    String signOut = "/api/v1/auths/signout";

    assertThat(told("GET", signOut, BEARER, 200, PAGE)).isEmpty();
    assertThat(told("GET", signOut, BEARER, 200, null)).containsExactly("token a.b.c");
    assertThat(told("GET", signOut, BEARER, 302, PAGE)).containsExactly("token a.b.c");
    assertThat(told("POST", signOut, BEARER, 200, PAGE)).containsExactly("token a.b.c");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      delimiter = '|',
      textBlock =
          """
          # Authorization   | Cookie                         | token
          Bearer x.y.z      | -                              | x.y.z
          bearer x.y.z      | token=other                    | x.y.z
          Token x.y.z       | token=other                    | x.y.z
          Bearer  x.y.z     | token=cookie                   | cookie
          Bearer            | token=cookie                   | cookie
          Bearer x y        | token=cookie                   | cookie
          -                 | token=cookie                   | cookie
          -                 | a=b; token=cookie;c=d          | cookie
          -                 | token=first; token=last        | last
          -                 | xtoken=a; Token=b; tokens=c    | -
          -                 | token=                         | -
          -                 | -                              | -
          Bearer sk-1       | token=cookie                   | -
          -                 | token=sk-1                     | -
          """)
  void tokenIsTheOneThatOpenWebUiTakes(
      @Nullable String authorization, @Nullable String cookie, @Nullable String token) {
    Map<String, List<String>> headers =
        Map.of(
            "Authorization", authorization == null ? List.of() : List.of(authorization),
            "Cookie", cookie == null ? List.of() : List.of(cookie));

    assertThat(told("POST", "/api/v1/auths/signout", headers, 200, JSON))
        .isEqualTo(token == null ? List.of() : List.of("token " + token));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/v1/chats/?page=1", "/ollama/api/chat", "/%", "/%e2%28%a1", ""})
  void otherRequestsEndNothing(String target) {
    for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
      assertThat(told(method, target, BEARER, 200, JSON)).isEmpty();
    }
  }
}
