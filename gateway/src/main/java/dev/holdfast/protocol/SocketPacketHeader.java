package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The header of a Socket.IO 5 packet inside an Engine.IO message, read on bytes; the JSON behind it
 * is not looked at beyond its first byte.
 *
 * <pre>
 *   "4" type [attachments "-"] [namespace ","] [ack id] [blanks] [JSON]
 *   451-/admin,12["upload",{"_placeholder":true,"num":0}]
 * </pre>
 *
 * <p>It reads what python-socketio reads, in the same meaning. What python-socketio reads as
 * something else, or takes no notice of, is refused.
 *
 * <p>One object reads many headers, since the event path may not allocate. Confined to its owner.
 *
 * @see <a href="https://github.com/socketio/socket.io-protocol#packet-encoding">Socket.IO
 *     protocol</a>
 */
public final class SocketPacketHeader {
  /** What {@link #ackId} says when the packet has none. */
  public static final long NO_ACK = -1;

  /** What nearly every packet starts with: an event of the namespace "/" without ack id. */
  private static final int PLAIN_EVENT = '4' << 24 | '2' << 16 | '[' << 8;

  private static final int MAX_ACK_DIGITS = 15;
  private static final int MAX_COUNT_DIGITS = 4;

  private SocketPacketType type = SocketPacketType.CONNECT;
  private int attachments;
  private int namespaceStart;
  private int namespaceEnd;
  private long ackId;
  private int json;

  private int cursor;

  /** Reads the header of a text message whose first byte is the Engine.IO type {@code 4}. */
  public void read(Message message) throws ProtocolException {
    if ((message.prefix() & 0xFFFFFF00) == PLAIN_EVENT) {
      plainEvent();
      return;
    }
    int typeDigit = message.byteAt(1);
    type = SocketPacketType.ofDigit(typeDigit);
    cursor = 2;
    attachments = 0;
    if (type.isBinary()) {
      readAttachments(message);
    }
    readNamespace(message);
    readAckId(message);
    int from = cursor;
    skipBlanks(message);
    json = cursor;
    checkJson(message, ackId == NO_ACK || cursor > from);
  }

  private void plainEvent() {
    type = SocketPacketType.EVENT;
    attachments = 0;
    namespaceStart = 2;
    namespaceEnd = 2;
    ackId = NO_ACK;
    json = 2;
  }

  private void readAttachments(Message message) throws ProtocolException {
    int from = cursor;
    long count = number(message, MAX_COUNT_DIGITS);
    if (cursor == from || message.byteAt(cursor) != '-' || count < 1) {
      throw new ProtocolException("a binary packet has no valid attachment count");
    }
    attachments = (int) count;
    cursor++;
  }

  private void readNamespace(Message message) {
    namespaceStart = cursor;
    namespaceEnd = cursor;
    if (message.byteAt(cursor) != '/') {
      return;
    }
    int octet = message.byteAt(cursor);
    boolean query = false;
    while (octet != ',' && octet >= 0) {
      query |= octet == '?';
      octet = message.byteAt(++cursor);
      // What a client sends behind the name is a query, as python-socketio and socket.io read it.
      namespaceEnd = query ? namespaceEnd : cursor;
    }
    if (octet == ',') {
      cursor++;
    }
  }

  private void readAckId(Message message) throws ProtocolException {
    int from = cursor;
    long id = number(message, MAX_ACK_DIGITS);
    ackId = cursor == from ? NO_ACK : id;
  }

  private long number(Message message, int maxDigits) throws ProtocolException {
    long value = 0;
    int digits = 0;
    for (int octet = message.byteAt(cursor); isDigit(octet); octet = message.byteAt(++cursor)) {
      if (digits == maxDigits) {
        throw new ProtocolException("a number has more than " + maxDigits + " digits");
      }
      value = value * 10 + (octet - '0');
      digits += value > 0 ? 1 : 0;
    }
    return value;
  }

  private static boolean isDigit(int octet) {
    return octet >= '0' && octet <= '9';
  }

  private void skipBlanks(Message message) {
    while (isBlank(message.byteAt(cursor))) {
      cursor++;
    }
  }

  /** Whether it may stand between two tokens, RFC 8259 section 2. */
  public static boolean isBlank(int octet) {
    return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
  }

  /**
   * What each type may carry, as far as the first byte tells.
   *
   * @param apart whether no digit stands right before the JSON
   */
  private void checkJson(Message message, boolean apart) throws ProtocolException {
    int octet = message.byteAt(json);
    boolean valid =
        switch (type) {
          case EVENT, BINARY_EVENT, ACK, BINARY_ACK -> octet == '[';
          // An id means nothing here, and what the JSON says is the peer's business.
          case CONNECT, DISCONNECT, CONNECT_ERROR -> octet < 0 || beginsJson(octet, apart);
        };
    if (!valid) {
      throw new ProtocolException("a Socket.IO packet of type " + type + " has an invalid payload");
    }
  }

  /**
   * Whether a JSON value begins so. Python has NaN and Infinity, too. A minus right behind digits
   * makes them a count of attachments, which python-socketio reads in a packet of any type.
   */
  private static boolean beginsJson(int octet, boolean apart) {
    return "{[\"tfnNI".indexOf(octet) >= 0 || (apart && (octet == '-' || isDigit(octet)));
  }

  /** The packet's type. */
  public SocketPacketType type() {
    return type;
  }

  /** Binary messages that follow the packet. */
  public int attachments() {
    return attachments;
  }

  /** Whether the packet belongs to the namespace {@code /}. */
  public boolean rootNamespace() {
    return namespaceEnd - namespaceStart <= 1;
  }

  /** The namespace of the packet whose header this is, without a query. */
  public String namespace(Message packet) {
    return namespaceEnd == namespaceStart
        ? "/"
        : new String(packet.bytes(0), namespaceStart, namespaceEnd - namespaceStart, UTF_8);
  }

  /** The acknowledgement id, or {@link #NO_ACK}. */
  public long ackId() {
    return ackId;
  }

  /** Offset of the JSON in the message's payload; its length if there is none. */
  public int json() {
    return json;
  }
}
