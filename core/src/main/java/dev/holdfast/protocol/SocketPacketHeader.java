package dev.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The header of a Socket.IO 5 packet in an Engine.IO message, decoded in place. Of the JSON after
 * it only the first byte is checked.
 *
 * <pre>
 *   "4" type [attachments "-"] [namespace ","] [ack id] [blanks] [JSON]
 *   451-/admin,12["upload",{"_placeholder":true,"num":0}]
 * </pre>
 *
 * <p>Interprets packets as python-socketio does. What python-socketio would interpret differently,
 * or ignore, is refused.
 *
 * <p>Reused for many headers, since the event path must not allocate. Confined to its owner.
 *
 * @see <a href="https://github.com/socketio/socket.io-protocol#packet-encoding">Socket.IO
 *     protocol</a>
 */
public final class SocketPacketHeader {
  /** The value of {@link #ackId} if the packet has none. */
  public static final long NO_ACK = -1;

  /** The first bytes of nearly every packet: an event of the namespace "/" without ack id. */
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

  /**
   * Decodes the header of a text message whose first byte is the Engine.IO type {@code 4}.
   *
   * @throws ProtocolException if the header is malformed, or the JSON cannot begin so
   */
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
      // The name ends at a question mark: python-socketio and socket.io treat the rest as a query.
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

  /** Returns whether the byte is whitespace between JSON tokens, RFC 8259 section 2. */
  public static boolean isBlank(int octet) {
    return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
  }

  /**
   * Checks by its first byte whether the type may carry this JSON.
   *
   * @param apart whether no digit directly precedes the JSON
   */
  private void checkJson(Message message, boolean apart) throws ProtocolException {
    int octet = message.byteAt(json);
    boolean valid =
        switch (type) {
          case EVENT, BINARY_EVENT, ACK, BINARY_ACK -> octet == '[';
          // An ack id has no meaning here, and the content of the JSON is the peer's concern.
          case CONNECT, DISCONNECT, CONNECT_ERROR -> octet < 0 || beginsJson(octet, apart);
        };
    if (!valid) {
      throw new ProtocolException("a Socket.IO packet of type " + type + " has an invalid payload");
    }
  }

  /**
   * Returns whether a JSON value may begin with this byte; Python also accepts NaN and Infinity. A
   * minus directly after digits makes them an attachment count, which python-socketio reads in a
   * packet of any type.
   */
  private static boolean beginsJson(int octet, boolean apart) {
    return "{[\"tfnNI".indexOf(octet) >= 0 || (apart && (octet == '-' || isDigit(octet)));
  }

  /** Returns the packet's type. */
  public SocketPacketType type() {
    return type;
  }

  /** Returns the number of binary messages that follow the packet. */
  public int attachments() {
    return attachments;
  }

  /** Returns whether the packet belongs to the namespace {@code /}. */
  public boolean rootNamespace() {
    return namespaceEnd - namespaceStart <= 1;
  }

  /**
   * Returns the namespace without its query.
   *
   * @param packet the message whose header was read
   */
  public String namespace(Message packet) {
    return namespaceEnd == namespaceStart
        ? "/"
        : new String(packet.bytes(0), namespaceStart, namespaceEnd - namespaceStart, UTF_8);
  }

  /** Returns the acknowledgement id, or {@link #NO_ACK}. */
  public long ackId() {
    return ackId;
  }

  /** Returns the offset of the JSON in the payload; the payload's length if there is none. */
  public int json() {
    return json;
  }
}
