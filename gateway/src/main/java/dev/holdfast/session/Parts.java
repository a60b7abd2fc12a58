package dev.holdfast.session;

/**
 * The parts of a session whose client can come back, for those that change its home or its link.
 *
 * @param downwards the way to the client
 * @param present hears the link that is the only one
 */
record Parts(
    Session session,
    SessionSetup setup,
    Surroundings surroundings,
    Calls calls,
    Delivery delivery,
    Lane up,
    Uplink uplink,
    Downlink downlink,
    Passage downwards,
    ClientPackets clientPackets,
    Hop.Receiver present) {}
