package dev.holdfast.session;

/**
 * The parts of a resumable session, shared with those that change its node or its link.
 *
 * @param downwards the path to the client
 * @param present listener of the only link
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
