package openwebui

import (
	"bytes"
	"fmt"
	"os"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/wire"
)

// SharedChannel is the channel of Redis through which upstreams that share their rooms hear commands.
const SharedChannel = "bench:rooms"

// subscription is the peer behind a connection to Redis: each message is lines as on standard input.
type subscription struct{ rooms *rooms }

// subscribe follows the channel at that Redis; the upstream ends with the connection.
func (r *rooms) subscribe(l *eventloop.Loop, address string) {
	l.Dial(address, subscription{r})
	r.documents.channel = l.Dial(address, replies{subscription{r}})
}

func (subscription) Opened(c *eventloop.Conn)      { c.Send([]byte("SUBSCRIBE " + SharedChannel + "\r\n")) }
func (subscription) Writable(*eventloop.Conn) bool { return false }
func (subscription) Ended(_ *eventloop.Conn, err error) {
	fmt.Fprintln(os.Stderr, "upstream: the subscription ended:", err)
	os.Exit(1)
}

// Input takes whole replies: an array of "message" or "subscribe", the channel, and a text or a number.
func (s subscription) Input(_ *eventloop.Conn, data []byte) int {
	used := 0
	for {
		message, size := NextMessage(data[used:])
		if size == 0 {
			return used
		}
		s.rooms.command(message)
		used += size
	}
}

// NextMessage reads one reply; the size is 0 if it is not all there, the message empty if it is none.
func NextMessage(data []byte) (message []byte, size int) {
	line := func() (kind byte, number int, ok bool) {
		end := bytes.Index(data[size:], []byte("\r\n"))
		if end < 1 {
			return 0, 0, false
		}
		kind = data[size]
		number, _ = wire.LeadingNumber(data[size+1 : size+end])
		size += end + 2
		return kind, number, true
	}
	_, parts, ok := line()
	for i := 0; ok && i < parts; i++ {
		kind, length, whole := line()
		if ok = whole; ok && kind == '$' {
			if ok = len(data) >= size+length+2; ok {
				message = data[size : size+length]
				size += length + 2
			}
		} else {
			message = nil
		}
	}
	if !ok {
		return nil, 0
	}
	return message, size
}
