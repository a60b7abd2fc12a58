package dev.holdfast.simulation;

import dev.holdfast.http1.ForwardedClients;

/** A browser with one page. */
final class Tab implements Browser {
  /** How it is connected. */
  record Profile(
      EngineClient.Transport transport,
      long latency,
      SimulatedExchange.Agent agent,
      boolean retries) {}

  private final Conversation conversation;
  private final SimulatedLoop loop;
  private final Profile profile;
  private final Page page;
  private final SocketClient client;
  private final String address;

  Tab(Conversation conversation, String token, Profile profile) {
    this.conversation = conversation;
    this.loop = new SimulatedLoop(conversation.world(), token);
    this.profile = profile;
    this.address = "10.0.0." + token.substring(1);
    this.page = new Page(conversation.world(), token, profile.agent(), conversation);
    this.client = new SocketClient(this, page, profile.transport(), profile.retries());
  }

  Page page() {
    return page;
  }

  SocketClient client() {
    return client;
  }

  /** Whether this is the node's end of the WebSocket that carries it. */
  boolean uses(SimulatedConnection end) {
    EngineClient engine = client.engine();
    Network.Cable cable = engine == null ? null : engine.cable();
    return cable != null && cable.far().equals(end);
  }

  @Override
  public World world() {
    return conversation.world();
  }

  @Override
  public Network network() {
    return conversation.network();
  }

  @Override
  public SimulatedLoop loop() {
    return loop;
  }

  @Override
  public SimulatedNode someNode() {
    return conversation.chooseNode(page.token());
  }

  @Override
  public boolean repeats() {
    return Integer.parseInt(page.token().substring(1)) % 2 == 0;
  }

  @Override
  public boolean mayBeFailed() {
    return page.hasFailed();
  }

  @Override
  public long latency() {
    return profile.latency();
  }

  @Override
  public int window() {
    return conversation.window();
  }

  @Override
  public SimulatedExchange.Asker asker() {
    return new SimulatedExchange.Asker(ForwardedClients.at(address), profile.agent(), false);
  }

  @Override
  public void follows(SimulatedNode node, Runnable died) {
    conversation.follow(node, died);
  }

  @Override
  public boolean wasKilled(SimulatedLoop killed) {
    return conversation.wasKilled(killed);
  }
}
