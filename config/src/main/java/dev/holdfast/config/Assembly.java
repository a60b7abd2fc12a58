package dev.holdfast.config;

import java.util.List;
import java.util.Optional;

/** Builds the settings out of texts, or says all that is wrong with them. */
final class Assembly {
  private final Reading reading;
  private final Values values;
  private final Budgets budgets;
  private final RedisAssembly redis;

  private Assembly(Reading reading, Values values, Budgets budgets) {
    this.reading = reading;
    this.values = values;
    this.budgets = budgets;
    this.redis = new RedisAssembly(reading, values);
  }

  /**
   * Settings of what was read.
   *
   * @param capacity what the process has that runs with them; empty if it is not this one, and then
   *     nothing can be too much
   */
  static Settings settings(Reading reading, Optional<Capacity> capacity) {
    Values values = new Values(reading);
    Budgets.Configured configured = configured(values);
    Budgets budgets = Budgets.of(capacity.orElse(Capacity.ASSUMED), configured);
    Settings settings = new Assembly(reading, values, budgets).settings();
    capacity.ifPresent(
        it -> {
          budgets.excesses(it, configured).forEach(values::problem);
          it.overcommitment().ifPresent(reading::notice);
          budgets.shortage(it, configured).ifPresent(reading::notice);
          reading.budgets(it + ": " + budgets);
        });
    if (!reading.problems().isEmpty()) {
      throw new ConfigException(reading.problems());
    }
    return settings;
  }

  private static Budgets.Configured configured(Values values) {
    return new Budgets.Configured(
        values.of(LimitKeys.HEADS),
        values.of(LimitKeys.BODIES),
        values.of(LimitKeys.BUFFERS),
        values.of(ResumeKeys.MEMORY),
        values.of(LimitKeys.CONNECTIONS));
  }

  private Settings settings() {
    Settings settings =
        new Settings(
            values.of(EdgeKeys.LISTEN),
            values.of(UpstreamKeys.UPSTREAMS),
            admin(),
            socketio(),
            limits(),
            upstream(),
            pollingFallback(),
            resume(),
            relink(),
            proxy(),
            auth(),
            tls(),
            redis.redis(),
            node(),
            values.of(ProcessKeys.DRAIN_TIMEOUT),
            logging(),
            values.of(ProcessKeys.IO_THREADS).orElse(Runtime.getRuntime().availableProcessors()));
    check(settings);
    return settings;
  }

  private Settings.Admin admin() {
    return new Settings.Admin(
        values.of(EdgeKeys.ADMIN_LISTEN),
        values.of(EdgeKeys.ADMIN_TOKEN),
        values.of(EdgeKeys.ADMIN_TOKEN_FILE).map(List::of).orElse(reading.tokenFiles()),
        values.of(EdgeKeys.ADMIN_FAILED_TRIES),
        values.of(EdgeKeys.ADMIN_FAILED_TRIES_WINDOW));
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
        budgets.heads(),
        values.of(LimitKeys.BODY_TIMEOUT),
        budgets.bodies(),
        budgets.connections(),
        values.of(LimitKeys.CONNECTIONS_PER_ADDRESS),
        values.of(LimitKeys.SESSIONS_PER_USER),
        values.of(LimitKeys.WAITING),
        values.of(LimitKeys.SLOW_TRANSPORT),
        values.of(LimitKeys.POLLING_IDLE),
        budgets.buffers());
  }

  private Settings.Upstream upstream() {
    return new Settings.Upstream(
        values.of(UpstreamKeys.HOST),
        values.of(UpstreamKeys.CA_FILE),
        values.of(UpstreamKeys.DIAL_TIMEOUT),
        values.of(UpstreamKeys.HANDSHAKE_TIMEOUT),
        values.of(UpstreamKeys.SILENT_TIMEOUT),
        values.of(UpstreamKeys.HEALTH_INTERVAL),
        values.of(UpstreamKeys.HEALTH_TIMEOUT),
        values.of(UpstreamKeys.RESOLVE_INTERVAL));
  }

  private Settings.PollingFallback pollingFallback() {
    return new Settings.PollingFallback(
        values.of(OpenWebUiKeys.POLLING_FALLBACK),
        values.of(OpenWebUiKeys.POLLING_NETWORKS),
        values.of(OpenWebUiKeys.POLLING_WAIT),
        values.of(OpenWebUiKeys.POLLING_MEMORY),
        values.of(OpenWebUiKeys.POLLING_CLIENTS));
  }

  private Settings.Resume resume() {
    return new Settings.Resume(
        values.of(ResumeKeys.MODE),
        values.of(ResumeKeys.WINDOW),
        values.of(ResumeKeys.WINDOW_AFTER_LEAVING),
        values.of(ResumeKeys.CALLS),
        values.of(ResumeKeys.OUTBOX),
        values.of(ResumeKeys.OUTBOX_EVENTS),
        budgets.outboxes(),
        values.of(ResumeKeys.ACK_AFTER),
        values.of(ResumeKeys.KEPT),
        values.of(ResumeKeys.KEPT_TIME),
        values.of(ResumeKeys.PARKED_PER_USER),
        values.of(ResumeKeys.EARLY_ANSWERS),
        values.of(ResumeKeys.NON_RESUMING_CLIENTS),
        values.of(ResumeKeys.NON_RESUMING_TIME));
  }

  private Settings.Relink relink() {
    return new Settings.Relink(
        values.of(RelinkKeys.RATE),
        values.of(RelinkKeys.FAILOVER_AFTER),
        values.of(RelinkKeys.GIVE_UP),
        values.of(RelinkKeys.WAITING),
        values.of(RelinkKeys.OVERLAP),
        values.of(RelinkKeys.SWITCHOVERS),
        values.of(RelinkKeys.FENCES),
        values.of(RelinkKeys.LAG));
  }

  private Settings.Proxy proxy() {
    return new Settings.Proxy(
        values.of(ProxyKeys.TRUSTED_PROXIES),
        values.of(ProxyKeys.RESPONSE_TIMEOUT),
        values.of(ProxyKeys.IDLE_TIMEOUT),
        values.of(ProxyKeys.BODY_TIMEOUT),
        values.of(ProxyKeys.UNREAD_TIMEOUT),
        values.of(ProxyKeys.CONNECTIONS),
        values.of(ProxyKeys.QUEUE),
        values.of(ProxyKeys.QUEUE_TIMEOUT),
        values.of(ProxyKeys.HOLD),
        values.of(ProxyKeys.KEEP_ALIVE),
        values.of(ProxyKeys.CLIENT_KEEP_ALIVE),
        values.of(ProxyKeys.DRAIN),
        values.of(ProxyKeys.DRAIN_TIMEOUT),
        values.of(ProxyKeys.READY_PAGE));
  }

  private Settings.Auth auth() {
    return new Settings.Auth(
        values.of(ProxyKeys.SECRET_KEY),
        values.of(ProxyKeys.TRUSTED_HEADERS),
        values.of(ProxyKeys.REVOKE_SESSIONS));
  }

  private Settings.Tls tls() {
    return new Settings.Tls(
        values.of(EdgeKeys.CERTIFICATE),
        values.of(EdgeKeys.PRIVATE_KEY),
        values.of(EdgeKeys.MIN_VERSION));
  }

  private Settings.Node node() {
    return new Settings.Node(
        values.of(NodeKeys.ID),
        values.of(NodeKeys.ADVERTISE),
        values.of(NodeKeys.BEAT),
        values.of(NodeKeys.DIAL_TIMEOUT),
        values.of(NodeKeys.GIVE_UP),
        secrets());
  }

  /** What nodes sign with: there is always something. */
  private List<String> secrets() {
    List<String> own = values.of(NodeKeys.SECRET);
    return own.isEmpty()
        ? List.of(values.of(ProxyKeys.SECRET_KEY).orElse(Settings.Node.KEPT_IN_REDIS))
        : own;
  }

  private Settings.Logging logging() {
    return new Settings.Logging(
        values.of(ProcessKeys.FORMAT), values.of(ProcessKeys.LEVEL), values.of(ProcessKeys.ACCESS));
  }

  private void check(Settings settings) {
    redis.check(settings.redis());
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
}
