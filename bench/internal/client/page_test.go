package client

import (
	"errors"
	"math/rand"
	"net"
	"strings"
	"testing"
	"time"

	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/wire"
)

// script is a server of one page that says what it is told to and shows what it hears.
type script struct {
	t     *testing.T
	page  *Page
	loop  *eventloop.Loop
	peers []*scriptPeer
	heard []string // packets, and "lost: …" of the page
}

// scriptPeer is one connection of it.
type scriptPeer struct {
	script *script
	conn   *eventloop.Conn
	open   bool
}

func newScript(t *testing.T) *script {
	s := &script{t: t, loop: eventloop.New()}
	port := s.loop.Listen(0, func() eventloop.Peer {
		p := &scriptPeer{script: s}
		s.peers = append(s.peers, p)
		return p
	})
	address := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}).String()
	s.page = &Page{Number: 7, Address: address, Loop: s.loop, Random: rand.New(rand.NewSource(1)), Watcher: s}
	s.page.Dial()
	s.await(`"client":7`)
	return s
}

func (p *scriptPeer) Opened(c *eventloop.Conn)      { p.conn = c }
func (p *scriptPeer) Writable(*eventloop.Conn) bool { return false }
func (p *scriptPeer) Ended(*eventloop.Conn, error)  {}
func (s *script) Dials(*Page)                       {}
func (s *script) Connected(*Page, bool)             {}
func (s *script) Lost(_ *Page, err error)           { s.heard = append(s.heard, "lost: "+err.Error()) }

func (s *script) Event(_ *Page, e wire.Received, answer func(int)) {
	if e.Id >= 0 && e.Name == "late" {
		s.loop.After(50*time.Millisecond, func() { answer(1) })
	} else if e.Id >= 0 {
		answer(1)
	}
}

func (p *scriptPeer) Input(c *eventloop.Conn, data []byte) int {
	if !p.open {
		p.open = true
		c.Send([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
		p.say(`0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
		return len(data)
	}
	used := 0
	for f := wire.NextFrame(data); f.Size > 0; f = wire.NextFrame(data[used:]) {
		f.Unmask(data[used:])
		p.script.heard = append(p.script.heard, string(f.Payload))
		used += f.Size
	}
	return used
}

func (p *scriptPeer) say(packets ...string) {
	var frames []byte
	for _, packet := range packets {
		frames = wire.AppendFrame(frames, wire.OpText, false, []byte(packet))
	}
	p.conn.Send(frames)
}

// say sends packets on the newest connection, in one write.
func (s *script) say(packets ...string) { s.peers[len(s.peers)-1].say(packets...) }

// await polls until a packet that contains the text is heard, and returns it; what was heard before is forgotten.
func (s *script) await(text string) string {
	s.t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); s.loop.Poll(10 * time.Millisecond) {
		for i, packet := range s.heard {
			if strings.Contains(packet, text) {
				s.heard = s.heard[i+1:]
				return packet
			}
		}
	}
	s.t.Fatalf("%s was not heard, but %q", text, s.heard)
	return ""
}

// again cuts the connection; the CONNECT packet of the next.
func (s *script) again() string {
	s.t.Helper()
	s.page.Lose(Cut{Way: ByReset}, 0, func(bool) {})
	return s.await(`"client":7`)
}

func (s *script) expect(connect, members string) {
	s.t.Helper()
	if got := strings.TrimPrefix(connect, "40{"); !strings.HasPrefix(got, members+`"token"`) {
		s.t.Errorf("CONNECT with %s instead of %s", got, members)
	}
}

func TestOffsetIsTheLastStringOfAnEventWithoutAckID(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s","pid":"P"}`, `42["a",{},"o.1"]`, `42["a","text"]`, `42["b",{},"o.2"]`, `427["c",{},"not this"]`, `42["d",{}]`)
	s.await("437[1]")

	s.expect(s.again(), `"pid":"P","offset":"o.2",`)
}

func TestEventWithoutArgumentsLeavesItsNameAsOffset(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s","pid":"P"}`, `42["bare"]`, "2")
	s.await("3")

	s.expect(s.again(), `"pid":"P","offset":"bare",`)
}

func TestWithoutPidNothingIsRecovered(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s"}`, `42["a",{},"o.1"]`, "2")
	s.await("3")

	s.expect(s.again(), "")
}

func TestOffsetSurvivesANewPid(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s","pid":"P"}`, `42["a",{},"o.1"]`, `40{"sid":"s2","pid":"Q"}`, "2")
	s.await("3")

	s.expect(s.again(), `"pid":"Q","offset":"o.1",`)
}

func TestEventsBeforeTheAnswerToConnectRunAfterIt(t *testing.T) {
	s := newScript(t)
	s.say(`42["a",{},"o.1"]`, `427["c"]`, `40{"sid":"s","pid":"P"}`)
	s.await("437[1]")

	s.expect(s.again(), `"pid":"P","offset":"o.1",`)
}

func TestAnswerGoesOutBeforeConnectIfItIsReadyThen(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s","pid":"P"}`, `429["late"]`, "2")
	s.await("3")
	s.page.Lose(Cut{Way: BySilence}, time.Millisecond, func(bool) {})
	for s.page.Engine.Conn.Silent {
		s.loop.Poll(time.Millisecond)
	}
	s.page.Engine.Send([]byte("439[1]"))

	s.await("439[1]")
	s.await(`"client":7`)
}

func TestUndecodablePacketOpensAnotherConnectionAndLeavesTheOldOnePonging(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s","pid":"P"}`, `42["a",{},"o.1"]`, `42["a",NaN,"o.2"]`, `42["a",{},"o.3"]`, "2")
	s.await("lost: " + errUndecodable.Error())
	s.await("3")

	s.expect(s.await(`"client":7`), `"pid":"P","offset":"o.1",`)
	s.peers[0].say("2")
	s.await("3")
}

func TestCutFallsAfterTheCountedBytes(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s","pid":"P"}`, "2")
	s.await("3")
	first := wire.AppendFrame(nil, wire.OpText, false, []byte(`42["a",{},"o.1"]`))

	s.page.Lose(Cut{Way: ByEnd, after: len(first) + 5}, 0, func(bool) {})
	s.say(`42["a",{},"o.1"]`, `42["a",{},"o.2"]`)

	s.expect(s.await(`"client":7`), `"pid":"P","offset":"o.1",`)
}

func TestServerThatClosesIsDialledAgain(t *testing.T) {
	s := newScript(t)
	s.say(`40{"sid":"s","pid":"P"}`, "2")
	s.await("3")

	s.peers[0].conn.Close(errors.New("the server stops"))

	s.await("lost: ")
	s.expect(s.await(`"client":7`), `"pid":"P",`)
}
