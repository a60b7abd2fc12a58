package openwebui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/must"
	"dev.holdfast/bench/internal/wire"
)

// documents are those of Open WebUI: a connection that has joined one hears what others do there, over upstreams that
// share their rooms too. Holdfast fences the links of a session that moves by them.
type documents struct {
	members map[string][]*seat
	origin  int             // tells this upstream's own messages from others'
	channel *eventloop.Conn // to Redis; nil if this upstream is alone
	counts  DocumentCounts
}

// DocumentCounts is what documents have cost an upstream so far.
type DocumentCounts struct {
	Joins      int `json:"joins"`
	Updates    int `json:"updates"`    // fences that a connection of this upstream has sent
	Deliveries int `json:"deliveries"` // packets about documents for connections of this upstream
}

// What one of them costs Open WebUI 0.12.4, measured with two replicas and Redis.
const (
	updateCost   = 6 * time.Millisecond
	deliveryCost = 600 * time.Microsecond
)

// Cpu is what they would cost Open WebUI.
func (c DocumentCounts) Cpu() time.Duration {
	return time.Duration(c.Updates)*updateCost + time.Duration(c.Deliveries)*deliveryCost
}

// Since is what came after the other counts.
func (c DocumentCounts) Since(before DocumentCounts) DocumentCounts {
	return DocumentCounts{c.Joins - before.Joins, c.Updates - before.Updates, c.Deliveries - before.Deliveries}
}

// DocumentsOf asks the fast upstream.
func DocumentsOf(s *Source) DocumentCounts {
	response, err := http.Get("http://" + s.Address() + "/documents")
	must.Do(err)
	defer response.Body.Close()
	var counts DocumentCounts
	must.Do(json.NewDecoder(response.Body).Decode(&counts))
	return counts
}

func newDocuments() *documents { return &documents{members: map[string][]*seat{}} }

var (
	documentEvent = []byte(`["ydoc:`)
	documentLine  = "doc "
)

// event takes a Socket.IO event about a document; what the sender gets is appended to the reply.
func (d *documents) event(m *seat, packet, reply []byte) []byte {
	if m == nil {
		return reply
	}
	text := string(packet)
	id, _, _ := strings.Cut(text[2:], "[")
	document := wire.Member(text, "document_id")
	name, _, _ := strings.Cut(text[strings.Index(text, `"ydoc:`)+len(`"ydoc:`):], `"`)
	switch name {
	case "document:join":
		d.counts.Joins++
		d.members[document] = append(d.members[document], m)
		reply = wire.AppendFrame(reply, wire.OpText, false, []byte(fmt.Sprintf(
			`42["ydoc:document:state",{"document_id":"%s","state":[0,0],"content":null}]`, document)))
		d.tell(m, document, fmt.Sprintf(`42["ydoc:user:joined",{"document_id":"%s","user_id":""}]`, document))
	case "awareness:update":
		d.counts.Updates++
		update, _, _ := strings.Cut(client.After(packet, `"update":[`), "]")
		d.tell(m, document, fmt.Sprintf(
			`42["ydoc:awareness:update",{"document_id":"%s","user_id":"u","update":[%s]}]`, document, update))
	case "document:leave":
		d.remove(m, document)
		d.tell(m, document, fmt.Sprintf(`42["ydoc:user:left",{"document_id":"%s","user_id":"u"}]`, document))
	}
	if id != "" {
		reply = wire.AppendFrame(reply, wire.OpText, false, []byte("43"+id+"[]"))
	}
	return reply
}

// tell gives a packet to all who have joined, but for the sender.
func (d *documents) tell(from *seat, document, packet string) {
	frame := wire.AppendFrame(nil, wire.OpText, false, []byte(packet))
	for _, m := range d.members[document] {
		if m != from {
			m.conn.Send(frame)
			d.counts.Deliveries++
		}
	}
	if d.channel != nil {
		line := fmt.Sprintf("%s%d %s %s\n", documentLine, d.origin, document, packet)
		d.channel.Send([]byte(fmt.Sprintf("*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n",
			len(SharedChannel), SharedChannel, len(line), line)))
	}
}

// published hears from another upstream; what comes of it goes behind the events that were published before.
func (d *documents) published(line string, touched map[*seat]bool) {
	words := strings.SplitN(line, " ", 4)
	if len(words) < 4 || words[1] == fmt.Sprint(d.origin) {
		return
	}
	for _, m := range d.members[words[2]] {
		m.out = wire.AppendFrame(m.out, wire.OpText, false, []byte(words[3]))
		touched[m] = true
		d.counts.Deliveries++
	}
}

func (d *documents) remove(m *seat, document string) {
	if d.members[document] = without(d.members[document], m); len(d.members[document]) == 0 {
		delete(d.members, document)
	}
}

// leave forgets a connection that has ended.
func (d *documents) leave(m *seat) {
	for document := range d.members {
		d.remove(m, document)
	}
}

// replies is the peer behind the connection by which an upstream publishes.
type replies struct{ subscription }

func (replies) Opened(*eventloop.Conn) {}

func (replies) Input(_ *eventloop.Conn, data []byte) int { return bytes.LastIndexByte(data, '\n') + 1 }

// told is what /documents answers.
func (d *documents) told() string {
	text, err := json.Marshal(d.counts)
	must.Do(err)
	return string(text)
}
