package dev.holdfast.session;

/**
 * The parts of a session whose client can come back, for those that change its node or its link.
 *
 * @param downwards the way to the client
 * @param present hears the link that is the only one
 */
record Parts(
    SessionSetup setup,
    SessionContext context,
    Calls calls,
    Delivery delivery,
    ForwardBuffer up,
    Uplink uplink,
    Downlink downlink,
    PacketSequenceGuard downwards,
    ClientPackets clientPackets,
    EngineConnection.Listener present) {}
