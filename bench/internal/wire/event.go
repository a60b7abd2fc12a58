package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"dev.holdfast/bench/internal/must"
)

// The kinds of numbered events, by what they end with; a call has an ack id.
const (
	EndsObject = 'o'
	EndsNumber = 'd'
	EndsText   = 's'
	AsksAnswer = 'c'
)

const (
	EventName  = "e"
	MarkerName = "~o" // Holdfast's own, with an offset
	letters    = "abcdefghijklmnopqrstuvwxyz"
	lastWord   = "the end"
)

// filler is what the texts of events are cut from: that of event n begins with letter n modulo 26.
var filler = strings.Repeat(letters, (8<<10)/len(letters)+64)

// Numbered is the n-th event for a client; its size is that of the text in it.
//
//	["e",{"n":17,"p":"rstuv…"}]             object
//	["e",{"n":18,"p":"stuvw…"},18]          number
//	["e",{"n":19,"p":"tuvwx…"},"the end"]   text
//	["e",{"n":20,"p":"uvwxy…"}]             call
type Numbered struct {
	N    int
	Kind byte
	Size int
}

func (e Numbered) text() string {
	at := e.N % len(letters)
	for at+e.Size > len(filler) {
		filler += filler
	}
	return filler[at : at+e.Size]
}

// Packet is its Socket.IO packet, with an ack id if that is not negative.
func (e Numbered) Packet(id int) []byte {
	p := append(make([]byte, 0, e.Size+64), "42"...)
	if id >= 0 {
		p = strconv.AppendInt(p, int64(id), 10)
	}
	p = append(p, `["e",{"n":`...)
	p = strconv.AppendInt(p, int64(e.N), 10)
	p = append(append(append(p, `,"p":"`...), e.text()...), `"}`...)
	switch e.Kind {
	case EndsNumber:
		p = strconv.AppendInt(append(p, ','), int64(e.N), 10)
	case EndsText:
		p = append(p, `,"`+lastWord+`"`...)
	}
	return append(p, ']')
}

// Command is the line that makes an upstream emit the event.
func (e Numbered) Command(client int) string {
	return fmt.Sprintf("%d %d %c %d\n", client, e.N, e.Kind, e.Size)
}

// ReadCommand reads the line of an event's Command.
func ReadCommand(line string) (client int, e Numbered) {
	_, err := fmt.Sscanf(line, "%d %d %c %d", &client, &e.N, &e.Kind, &e.Size)
	must.Do(err)
	return client, e
}

// Received is what a client sees of an event packet.
type Received struct {
	Name string
	N    int    // -1: not one of ours
	Id   int    // of the acknowledgement it asks for; -1: none
	Last string // its last argument, or its name without arguments …
	Ends bool   // … if that is a string
	Raw  []byte // its JSON
}

// Is says whether that event came as it was sent, an offset after its arguments or not.
func (r Received) Is(e Numbered) bool {
	want := e.Packet(-1)[2:]
	want = want[:len(want)-1]
	rest, found := bytes.CutPrefix(r.Raw, want)
	if !found || string(rest) == "]" {
		return found
	}
	return r.Ends && string(rest) == `,"`+r.Last+`"]`
}

// ReadEvent reads the packet of an event that follows the digit of its type; false if it cannot be decoded.
func ReadEvent(packet []byte) (Received, bool) {
	id, rest := LeadingNumber(packet)
	r, ok := readQuickly(rest)
	if !ok {
		var all []json.RawMessage
		if json.Unmarshal(rest, &all) != nil || len(all) == 0 {
			return Received{}, false
		}
		r = Received{N: -1}
		_ = json.Unmarshal(all[0], &r.Name)
		r.Ends = json.Unmarshal(all[len(all)-1], &r.Last) == nil
	}
	r.Id, r.Raw = id, rest
	return r, true
}

// readQuickly reads events as Holdfast's markers and ours usually are.
func readQuickly(rest []byte) (Received, bool) {
	const marker, ours, padding = `["~o",`, `["e",{"n":`, `,"p":"`
	if bytes.IndexByte(rest, '\\') >= 0 {
		return Received{}, false
	}
	if bytes.HasPrefix(rest, []byte(marker)) {
		r := Received{Name: MarkerName, N: -1}
		return r, r.arguments(rest[len(marker)-1:])
	}
	if !bytes.HasPrefix(rest, []byte(ours)) {
		return Received{}, false
	}
	n, rest := LeadingNumber(rest[len(ours):])
	if n < 0 || !bytes.HasPrefix(rest, []byte(padding)) {
		return Received{}, false
	}
	end := bytes.IndexByte(rest[len(padding):], '"') + len(padding) + 1
	if end < len(padding)+1 || end == len(rest) || rest[end] != '}' {
		return Received{}, false
	}
	r := Received{Name: EventName, N: n}
	return r, r.arguments(rest[end+1:])
}

// arguments reads strings and whole numbers, each after a comma, up to the closing bracket.
func (r *Received) arguments(rest []byte) bool {
	for len(rest) > 1 && rest[0] == ',' {
		if rest[1] == '"' {
			end := bytes.IndexByte(rest[2:], '"')
			if end < 0 {
				return false
			}
			r.Last, r.Ends = string(rest[2:2+end]), true
			rest = rest[end+3:]
			continue
		}
		value, after := LeadingNumber(rest[1:])
		if value < 0 {
			return false
		}
		r.Ends, rest = false, after
	}
	return string(rest) == "]"
}

// Event is a Socket.IO event packet of exactly that many bytes.
func Event(name string, size int) []byte {
	packet := []byte(`42["` + name + `","`)
	for len(packet) < size-2 {
		packet = append(packet, byte('a'+len(packet)%26))
	}
	return append(packet, '"', ']')
}

// LeadingNumber is the decimal number that the text begins with, -1 if there is none, and what follows.
func LeadingNumber(text []byte) (int, []byte) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(text[:end]))
	if err != nil {
		return -1, text
	}
	return n, text[end:]
}

// Member is the value of a string member of a flat JSON object that needs no unescaping.
func Member(json, name string) string {
	_, rest, _ := strings.Cut(json, `"`+name+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
