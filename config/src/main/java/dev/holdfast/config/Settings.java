package dev.holdfast.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything an operator can set, checked and complete. Immutable.
 *
 * @param listen where browsers connect ({@code listen})
 * @param upstreams the Open WebUI instances ({@code upstreams})
 * @param drainTimeout how long a stop may take ({@code drain.timeout})
 * @param ioThreads threads that serve sockets ({@code threads.io})
 */
public record Settings(
    HostPort listen,
    List<URI> upstreams,
    Admin admin,
    SocketIo socketio,
    Limits limits,
    Upstream upstream,
    PollingFallback pollingFallback,
    Resume resume,
    Relink relink,
    Proxy proxy,
    Auth auth,
    Tls tls,
    Redis redis,
    Node node,
    Duration drainTimeout,
    Logging logging,
    int ioThreads) {

  /** The settings of an operator who sets nothing; budgets are those of a process of 1 GiB. */
  public static Settings defaults() {
    return of(Map.of());
  }

  /**
   * The defaults, but for the given keys. What this process has is not asked: budgets are those of
   * a heap of 1 GiB, and as much direct memory.
   *
   * @param texts key to text as in the file: {@code "drain.timeout"} to {@code "1s"}
   * @throws ConfigException if a key is unknown or a text wrong
   */
  public static Settings of(Map<String, String> texts) {
    Reading reading = new Reading();
    texts.forEach((key, text) -> reading.take(key, text, "given"));
    return Assembly.settings(reading, Optional.empty());
  }

  /**
   * The admin port ({@code admin.*}).
   *
   * @param listen empty means that none is opened
   * @param token what callers of the admin API have to bring; empty means the one that is kept in a
   *     file
   * @param tokenFiles where it may be kept, the first that can be read or made
   * @param failedTries wrong tokens of one address after which it is not answered any more
   * @param failedTriesWindow how long they count
   */
  public record Admin(
      Optional<HostPort> listen,
      Optional<String> token,
      List<Path> tokenFiles,
      int failedTries,
      Duration failedTriesWindow) {
    /** The least length of a token. */
    public static final int TOKEN_CHARACTERS = 16;

    @Override
    public String toString() {
      return "Admin[listen=" + listen + ", tokenFiles=" + tokenFiles + "]";
    }
  }

  /**
   * The Socket.IO endpoint ({@code socketio.*}).
   *
   * @param path ends with a slash
   * @param origins what {@code CORS_ALLOW_ORIGIN} allows; empty means the same host only
   * @param pingInterval empty means what the upstream announces
   * @param pingTimeout empty means what the upstream announces
   */
  public record SocketIo(
      String path,
      List<String> origins,
      Duration connectTimeout,
      Duration upgradeTimeout,
      Optional<Duration> pingInterval,
      Optional<Duration> pingTimeout) {}

  /**
   * Bounds on what a peer can grow ({@code limits.*}); sizes in bytes.
   *
   * @param messageBytes largest message of a client; empty means the {@code maxPayload} that the
   *     upstream announces
   * @param upstreamMessageBytes largest message of an upstream
   * @param attachments binary attachments of one packet
   * @param postPackets Engine.IO packets in one polling POST
   * @param headerBytes request line and headers
   * @param headTimeout how long the rest of a head may take to come
   * @param headsBytes memory of the process for heads that have not come whole
   * @param bodyTimeout how long nothing may come of a polling POST
   * @param bodiesBytes memory of the process for the bodies of polling POSTs
   * @param connections open connections of the process
   * @param connectionsPerAddress transports of one client address; empty means no limit but its
   *     share
   * @param sessionsPerUser sessions of one user on all nodes
   * @param waitingBytes what may wait for a slow side before the other side is not read any more
   * @param slowTransport how long a link may stay unread because of a slow transport
   * @param pollingIdle how long a polling transport may be without a request
   * @param bufferBytes memory of the process for what waits
   */
  public record Limits(
      Optional<Long> messageBytes,
      long upstreamMessageBytes,
      int attachments,
      int postPackets,
      int headerBytes,
      Duration headTimeout,
      long headsBytes,
      Duration bodyTimeout,
      long bodiesBytes,
      int connections,
      Optional<Integer> connectionsPerAddress,
      int sessionsPerUser,
      long waitingBytes,
      Duration slowTransport,
      Duration pollingIdle,
      long bufferBytes) {}

  /**
   * How upstreams are reached and watched ({@code upstream.*}).
   *
   * @param host which {@code Host} they are sent
   * @param caFile PEM certificates to trust for {@code https://} upstreams instead of the JDK's
   * @param silentTimeout how long a link may be silent; empty means its ping interval and timeout
   */
  public record Upstream(
      HostHeader host,
      Optional<Path> caFile,
      Duration dialTimeout,
      Duration handshakeTimeout,
      Optional<Duration> silentTimeout,
      Duration healthInterval,
      Duration healthTimeout,
      Duration resolveInterval) {}

  /**
   * Networks without WebSocket ({@code openwebui.polling-*}).
   *
   * @param use who is told to poll
   * @param networks CIDR blocks whose clients are told to poll
   * @param handshakeWait how long a page may take to its handshake
   * @param memory how long a client is told to poll
   * @param clients that are remembered
   */
  public record PollingFallback(
      Use use, List<String> networks, Duration handshakeWait, Duration memory, int clients) {
    /** Who is told to poll. */
    public enum Use {
      AUTO,
      ON,
      OFF
    }
  }

  /**
   * What is kept for a client that lost its connection ({@code resume.*}); sizes in bytes.
   *
   * @param window how long a session waits for its client
   * @param windowAfterLeaving the same after close code 1001
   * @param outboxBytes what one session keeps
   * @param outboxEvents the same in events
   * @param memoryBytes what all sessions keep, outside the heap
   * @param ackAfterBytes unconfirmed bytes after which a client is pinged early
   * @param keptBytes confirmed events that are kept a while longer
   * @param keptTime how much longer
   * @param parkedPerUser sessions without a client of a verified user
   * @param earlyAnswerBytes acknowledgements taken before the CONNECT that resumes
   * @param nonResumingClients programs that are remembered because they do not resume
   * @param nonResumingTime how long one is remembered that does not connect
   */
  public record Resume(
      Mode mode,
      Duration window,
      Duration windowAfterLeaving,
      Calls calls,
      long outboxBytes,
      int outboxEvents,
      long memoryBytes,
      long ackAfterBytes,
      long keptBytes,
      Duration keptTime,
      int parkedPerUser,
      long earlyAnswerBytes,
      int nonResumingClients,
      Duration nonResumingTime) {
    /** How a client learns the offsets of its events; {@code AUTO} decides by the client. */
    public enum Mode {
      AUTO,
      ARGUMENT,
      MARKER,
      OFF
    }

    /** Which calls are asked again on a resume. */
    public enum Calls {
      UNANSWERED,
      UNCONFIRMED
    }
  }

  /**
   * What happens to open clients when an upstream goes away ({@code relink.*}).
   *
   * @param perSecond links opened again per second at one upstream ({@code relink.rate})
   * @param failoverAfter how long a session waits for its own upstream before another is taken
   * @param giveUp how long a transport stays open without an upstream
   * @param waitingBytes what a client may send meanwhile
   * @param overlap how long a session that moves has two links at most ({@code switchover.overlap})
   * @param movesPerSecond sessions that begin to move to an upstream in a second, with fences
   *     ({@code switchover.rate})
   * @param fences whether the links are fenced ({@code switchover.fences})
   * @param lag how late an event may come over one of them, unless fences tell ({@code
   *     switchover.lag})
   */
  public record Relink(
      int perSecond,
      Duration failoverAfter,
      Duration giveUp,
      long waitingBytes,
      Duration overlap,
      int movesPerSecond,
      boolean fences,
      Duration lag) {
    private static final int LAGS = 5;

    /** The same with so many links a second. */
    public Relink with(int links) {
      return new Relink(
          links, failoverAfter, giveUp, waitingBytes, overlap, movesPerSecond, fences, lag);
    }

    /**
     * How long a move without fences may take, and a client's answer before another kind of one.
     */
    public Duration lags() {
      return lag.multipliedBy(LAGS);
    }
  }

  /**
   * All other HTTP ({@code proxy.*}).
   *
   * @param trustedProxies CIDR blocks whose forwarded headers are believed
   * @param responseTimeout time to an upstream's response headers
   * @param idleTimeout time without a byte in either direction of a body
   * @param bodyTimeout how long nothing may come of a request's body
   * @param unreadTimeout how long a client may take nothing of what waits for it
   * @param connections open connections to one upstream
   * @param queue requests that may wait for a connection
   * @param queueTimeout how long they may wait
   * @param hold how long a request that is safe to repeat waits for an upstream that is away
   * @param keepAlive how long an unused connection to an upstream is kept
   * @param clientKeepAlive how long a client's connection without a request is kept
   * @param drainBytes how much of a body is dropped behind an early answer
   * @param drainTimeout how long that may take
   * @param readyPage whether balancers are told at the public port if this node takes sessions
   */
  public record Proxy(
      List<String> trustedProxies,
      Duration responseTimeout,
      Duration idleTimeout,
      Duration bodyTimeout,
      Duration unreadTimeout,
      int connections,
      int queue,
      Duration queueTimeout,
      Duration hold,
      Duration keepAlive,
      Duration clientKeepAlive,
      long drainBytes,
      Duration drainTimeout,
      boolean readyPage) {}

  /**
   * Who a request belongs to ({@code auth.*}).
   *
   * @param secretKey Open WebUI's {@code WEBUI_SECRET_KEY}; with it tokens are verified
   * @param trustedHeaders headers by which Open WebUI believes who a user is; removed from requests
   *     that do not come from a trusted proxy
   * @param revokeSessions whether sessions end with their token
   */
  public record Auth(
      Optional<String> secretKey, List<String> trustedHeaders, boolean revokeSessions) {
    @Override
    public String toString() {
      return "Auth[trustedHeaders=" + trustedHeaders + ", revokeSessions=" + revokeSessions + "]";
    }
  }

  /**
   * The TLS listener ({@code tls.*}): PEM files, read again when they change.
   *
   * @param minVersion {@code 1.2} or {@code 1.3}
   */
  public record Tls(Optional<Path> certificate, Optional<Path> key, String minVersion) {}

  /**
   * Redis or Valkey, through which nodes work together ({@code redis.*}).
   *
   * @param url empty means that this node is alone; holds no user or password
   * @param sentinels host and port of each; with them the URL's host is the master's name
   * @param prefix of keys and channels
   * @param username from {@code redis.username} or the URL
   * @param password from {@code redis.password} or the URL
   * @param required whether a node without Redis is not ready
   * @param revocationWindow how long revocations are kept for nodes that are away
   */
  public record Redis(
      Optional<RedisUrl> url,
      List<HostPort> sentinels,
      boolean cluster,
      String prefix,
      Optional<String> username,
      Optional<String> password,
      Optional<Path> caFile,
      Optional<Path> certificate,
      Optional<Path> key,
      Duration connectTimeout,
      Duration commandTimeout,
      boolean required,
      Duration revocationWindow) {
    @Override
    public String toString() {
      return "Redis[url=" + url + ", sentinels=" + sentinels + ", cluster=" + cluster + "]";
    }
  }

  /**
   * This node among the others ({@code node.*}, {@code cluster.secret}).
   *
   * @param id empty means a random one
   * @param advertise where others reach it; empty means its first address that is no loopback
   * @param beat how often nodes say that they are there
   * @param dialTimeout how long a connection to another node may take to open
   * @param giveUp how long a node may be neither registered nor answer before it is gone
   * @param secrets what nodes sign with, from {@code cluster.secret} or {@code auth.secret-key};
   *     the first signs, all are believed. Never empty
   */
  public record Node(
      Optional<String> id,
      Optional<HostPort> advertise,
      Duration beat,
      Duration dialTimeout,
      Duration giveUp,
      List<String> secrets) {
    /** In place of a secret: the key that nodes make themselves and keep in Redis. */
    public static final String KEPT_IN_REDIS = "redis";

    @Override
    public String toString() {
      return "Node[id=" + id + ", advertise=" + advertise + ", beat=" + beat + "]";
    }
  }

  /** What is logged and how ({@code logging.*}). */
  public record Logging(Format format, String level, boolean access) {
    /** {@code text} for people, {@code json} for collectors. */
    public enum Format {
      TEXT,
      JSON
    }
  }
}
