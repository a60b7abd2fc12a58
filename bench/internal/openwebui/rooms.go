package openwebui

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/wire"
)

// rooms are the clients of an upstream, by the number in their CONNECT packet or else in their token: a
// client may have several connections, and all get its events, as the tabs of a user do. Commands come as
// lines on standard input, what happens goes as lines to standard output; the upstreams of rivals/ do the
// same. Upstreams that share their rooms take commands from a channel of Redis besides, see subscription.
//
//	in   CLIENT N KIND SIZE     an event with that number, see package wire
//	out  joined CLIENT MICROS   a CONNECT packet, and when
//	     left CLIENT
//	     answer CLIENT N M      the call N was answered by M, which is N if all is well
//	     note CLIENT K          the client's event number K
type rooms struct {
	seats     map[int][]*seat
	touched   map[*seat]bool // by the commands of one read
	report    *bufio.Writer
	documents *documents
}

// seat is one connection of a client in its room.
type seat struct {
	conn   *eventloop.Conn
	client int
	calls  map[int]int // the number of the event, by ack id
	out    []byte
}

func newRooms() *rooms {
	return &rooms{seats: map[int][]*seat{}, touched: map[*seat]bool{}, report: bufio.NewWriter(os.Stdout), documents: newDocuments()}
}

// obey reads commands from standard input, if that is a pipe.
func (r *rooms) obey(l *eventloop.Loop) {
	if syscall.SetNonblock(0, true) == nil {
		var stat syscall.Stat_t
		if syscall.Fstat(0, &stat) == nil && stat.Mode&syscall.S_IFMT == syscall.S_IFIFO {
			l.Add(0, commands{r})
			l.Watch(syscall.EPOLL_CTL_ADD, 0, syscall.EPOLLIN)
		}
	}
}

// commands is the peer behind standard input.
type commands struct{ rooms *rooms }

func (commands) Opened(*eventloop.Conn)        {}
func (commands) Writable(*eventloop.Conn) bool { return false }
func (commands) Ended(*eventloop.Conn, error)  { os.Exit(0) }

func (in commands) Input(_ *eventloop.Conn, data []byte) int { return in.rooms.command(data) }

// command obeys the whole lines of what has come; how many bytes they are.
func (r *rooms) command(data []byte) int {
	used := 0
	for {
		end := bytes.IndexByte(data[used:], '\n')
		if end < 0 {
			break
		}
		if line := string(data[used : used+end]); strings.HasPrefix(line, documentLine) {
			r.documents.published(line, r.touched)
		} else {
			r.emit(wire.ReadCommand(line))
		}
		used += end + 1
	}
	for m := range r.touched {
		m.conn.Send(m.out)
		m.out = m.out[:0]
		delete(r.touched, m)
	}
	return used
}

// emit sends an event to all of the client's connections, a call to the newest one only.
func (r *rooms) emit(client int, e wire.Numbered) {
	seats := r.seats[client]
	if e.Kind == wire.AsksAnswer && len(seats) > 0 {
		seats = seats[len(seats)-1:]
	}
	for _, m := range seats {
		packet := e.Packet(-1)
		if e.Kind == wire.AsksAnswer {
			id := len(m.calls) + 1
			m.calls[id] = e.N
			packet = e.Packet(id)
		}
		m.out = wire.AppendFrame(m.out, wire.OpText, false, packet)
		r.touched[m] = true
	}
}

var clientKey = []byte(`"client":`)

// ClientOf is the number in a CONNECT packet: the client's, or its user's in the token; -1 if there is none.
func ClientOf(packet []byte) int {
	if at := bytes.Index(packet, clientKey); at >= 0 {
		client, _ := wire.LeadingNumber(packet[at+len(clientKey):])
		return client
	}
	parts := strings.Split(wire.Member(string(packet), "token"), ".")
	if len(parts) != 3 {
		return -1
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return -1
	}
	client, _ := wire.LeadingNumber([]byte(strings.TrimPrefix(wire.Member(string(claims), "id"), "user-")))
	return client
}

// join is nil if the CONNECT packet names no client.
func (r *rooms) join(c *eventloop.Conn, packet []byte) *seat {
	client := ClientOf(packet)
	if client < 0 {
		return nil
	}
	m := &seat{conn: c, client: client, calls: map[int]int{}}
	r.seats[client] = append(r.seats[client], m)
	fmt.Fprintf(r.report, "joined %d %d\n", client, time.Now().UnixMicro())
	return m
}

func (r *rooms) leave(m *seat) {
	r.seats[m.client] = without(r.seats[m.client], m)
	delete(r.touched, m)
	r.documents.leave(m)
	fmt.Fprintf(r.report, "left %d\n", m.client)
}

// without takes one out of those seats, whose order stays.
func without(seats []*seat, m *seat) []*seat {
	return slices.DeleteFunc(seats, func(other *seat) bool { return other == m })
}

func (r *rooms) answered(m *seat, packet []byte) {
	if m == nil {
		return
	}
	id, rest := wire.LeadingNumber(packet[2:])
	n, known := m.calls[id]
	if !known {
		n = -1
	}
	answer := -1
	if len(rest) > 1 {
		answer, _ = wire.LeadingNumber(rest[1:])
	}
	fmt.Fprintf(r.report, "answer %d %d %d\n", m.client, n, answer)
}

func (r *rooms) noted(m *seat, packet []byte) {
	if m != nil {
		k, _ := wire.LeadingNumber(packet[len(`42["note",`):])
		fmt.Fprintf(r.report, "note %d %d\n", m.client, k)
	}
}
