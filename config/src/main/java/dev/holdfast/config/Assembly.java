package dev.holdfast.config;

import java.util.Optional;

/** Builds the settings out of texts, or says all that is wrong with them. */
final class Assembly {
  private final Values values;

  private Assembly(Values values) {
    this.values = values;
  }

  /** Settings of what was read. */
  static Settings settings(Reading reading) {
    Values values = new Values(reading);
    Settings settings = new Assembly(values).settings();
    if (!reading.problems().isEmpty()) {
      throw new ConfigException(reading.problems());
    }
    return settings;
  }

  private Settings settings() {
    Settings settings =
        new Settings(
            values.of(EdgeKeys.LISTEN),
            values.of(UpstreamKeys.UPSTREAMS),
            new Settings.Admin(values.of(EdgeKeys.ADMIN_LISTEN), values.of(EdgeKeys.ADMIN_TOKEN)),
            socketio(),
            limits(),
            upstream(),
            resume(),
            relink(),
            proxy(),
            auth(),
            tls(),
            redis(),
            node(),
            values.of(ProcessKeys.DRAIN_TIMEOUT),
            logging(),
            values.of(ProcessKeys.IO_THREADS).orElse(Runtime.getRuntime().availableProcessors()));
    check(settings);
    return settings;
  }

  private Settings.SocketIo socketio() {
    return new Settings.SocketIo(
        values.of(EdgeKeys.PATH),
        values.of(EdgeKeys.ORIGINS),
        values.of(EdgeKeys.CONNECT_TIMEOUT),
        values.of(EdgeKeys.UPGRADE_TIMEOUT),
        values.of(EdgeKeys.PING_INTERVAL),
        values.of(EdgeKeys.PING_TIMEOUT));
  }

  private Settings.Limits limits() {
    return new Settings.Limits(
        values.of(LimitKeys.MESSAGE),
        values.of(LimitKeys.UPSTREAM_MESSAGE),
        values.of(LimitKeys.ATTACHMENTS),
        values.of(LimitKeys.POST_PACKETS),
        values.of(LimitKeys.HEADER),
        values.of(LimitKeys.HEAD_TIMEOUT),
        values.of(LimitKeys.HEADS),
        values.of(LimitKeys.BODY_TIMEOUT),
        values.of(LimitKeys.BODIES),
        values.of(LimitKeys.CONNECTIONS),
        values.of(LimitKeys.CONNECTIONS_PER_ADDRESS),
        values.of(LimitKeys.SESSIONS_PER_USER),
        values.of(LimitKeys.WAITING),
        values.of(LimitKeys.SLOW_TRANSPORT),
        values.of(LimitKeys.POLLING_IDLE),
        values.of(LimitKeys.BUFFERS));
  }

  private Settings.Upstream upstream() {
    return new Settings.Upstream(
        values.of(UpstreamKeys.CA_FILE),
        values.of(UpstreamKeys.DIAL_TIMEOUT),
        values.of(UpstreamKeys.HANDSHAKE_TIMEOUT),
        values.of(UpstreamKeys.SILENT_TIMEOUT),
        values.of(UpstreamKeys.HEALTH_INTERVAL),
        values.of(UpstreamKeys.HEALTH_TIMEOUT),
        values.of(UpstreamKeys.RESOLVE_INTERVAL));
  }

  private Settings.Resume resume() {
    return new Settings.Resume(
        values.of(ResumeKeys.MODE),
        values.of(ResumeKeys.WINDOW),
        values.of(ResumeKeys.WINDOW_AFTER_LEAVING),
        values.of(ResumeKeys.CALLS),
        values.of(ResumeKeys.OUTBOX),
        values.of(ResumeKeys.OUTBOX_EVENTS),
        values.of(ResumeKeys.MEMORY),
        values.of(ResumeKeys.ACK_AFTER),
        values.of(ResumeKeys.KEPT),
        values.of(ResumeKeys.KEPT_TIME),
        values.of(ResumeKeys.PARKED_PER_USER),
        values.of(ResumeKeys.EARLY_ANSWERS));
  }

  private Settings.Relink relink() {
    return new Settings.Relink(
        values.of(RelinkKeys.RATE),
        values.of(RelinkKeys.FAILOVER_AFTER),
        values.of(RelinkKeys.GIVE_UP),
        values.of(RelinkKeys.WAITING),
        values.of(RelinkKeys.OVERLAP),
        values.of(RelinkKeys.MOVES),
        values.of(RelinkKeys.FENCES),
        values.of(RelinkKeys.LAG));
  }

  private Settings.Proxy proxy() {
    return new Settings.Proxy(
        values.of(ProxyKeys.TRUSTED_PROXIES),
        values.of(ProxyKeys.RESPONSE_TIMEOUT),
        values.of(ProxyKeys.IDLE_TIMEOUT),
        values.of(ProxyKeys.PROXY_CONNECTIONS),
        values.of(ProxyKeys.QUEUE),
        values.of(ProxyKeys.QUEUE_TIMEOUT),
        values.of(ProxyKeys.HOLD),
        values.of(ProxyKeys.KEEP_ALIVE));
  }

  private Settings.Auth auth() {
    return new Settings.Auth(values.of(ProxyKeys.SECRET_KEY), values.of(ProxyKeys.TRUSTED_HEADERS));
  }

  private Settings.Tls tls() {
    return new Settings.Tls(
        values.of(EdgeKeys.CERTIFICATE),
        values.of(EdgeKeys.PRIVATE_KEY),
        values.of(EdgeKeys.MIN_VERSION));
  }

  private Settings.Redis redis() {
    Optional<RedisUrl> url = values.of(RedisKeys.URL);
    int port = values.of(RedisKeys.SENTINEL_PORT);
    return new Settings.Redis(
        url,
        values.of(RedisKeys.SENTINEL_HOSTS).stream().map(it -> new HostPort(it, port)).toList(),
        values.of(RedisKeys.CLUSTER),
        values.of(RedisKeys.PREFIX),
        values.of(RedisKeys.USERNAME).or(() -> url.flatMap(RedisUrl::username)),
        values.of(RedisKeys.PASSWORD).or(() -> url.flatMap(RedisUrl::password)),
        values.of(RedisKeys.CA_FILE),
        values.of(RedisKeys.CERTIFICATE_FILE),
        values.of(RedisKeys.KEY_FILE),
        values.of(RedisKeys.CONNECT_TIMEOUT),
        values.of(RedisKeys.COMMAND_TIMEOUT),
        values.of(RedisKeys.REQUIRED));
  }

  private Settings.Node node() {
    return new Settings.Node(
        values.of(NodeKeys.ID),
        values.of(NodeKeys.ADVERTISE),
        values.of(NodeKeys.BEAT),
        values.of(NodeKeys.DIAL_TIMEOUT),
        values.of(NodeKeys.GIVE_UP),
        values.of(NodeKeys.SECRET));
  }

  private Settings.Logging logging() {
    return new Settings.Logging(
        values.of(ProcessKeys.FORMAT), values.of(ProcessKeys.LEVEL), values.of(ProcessKeys.ACCESS));
  }

  private void check(Settings settings) {
    check(settings.redis());
    Settings.Tls tls = settings.tls();
    values.require(
        tls.certificate().isEmpty() || tls.key().isPresent(),
        EdgeKeys.CERTIFICATE,
        "needs tls.key as well");
    values.require(
        tls.key().isEmpty() || tls.certificate().isPresent(),
        EdgeKeys.PRIVATE_KEY,
        "needs tls.certificate as well");
    HostPort listen = settings.listen();
    values.require(
        listen.port() == 0 || settings.admin().listen().stream().noneMatch(listen::equals),
        EdgeKeys.ADMIN_LISTEN,
        "must not be the address of listen");
  }

  private void check(Settings.Redis redis) {
    values.require(
        redis.certificate().isEmpty() || redis.key().isPresent(),
        RedisKeys.CERTIFICATE_FILE,
        "needs redis.key-file as well");
    values.require(
        redis.key().isEmpty() || redis.certificate().isPresent(),
        RedisKeys.KEY_FILE,
        "needs redis.certificate-file as well");
    values.require(
        !redis.cluster() || redis.sentinels().isEmpty(),
        RedisKeys.CLUSTER,
        "excludes redis.sentinel-hosts");
    values.require(
        !redis.cluster() || redis.url().map(RedisUrl::database).orElse(0) == 0,
        RedisKeys.URL,
        "must have the database 0, as a cluster has no other");
    values.require(
        redis.username().isEmpty() || redis.password().isPresent(),
        RedisKeys.USERNAME,
        "needs redis.password as well");
  }
}
