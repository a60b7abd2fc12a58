package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The kinds of numbered events, by what they end with; a call has an ack id.
const (
	endsObject = 'o'
	endsNumber = 'd'
	endsText   = 's'
	asksAnswer = 'c'
)

const (
	eventName  = "e"
	markerName = "~o" // Holdfast's own, with an offset
	letters    = "abcdefghijklmnopqrstuvwxyz"
	lastWord   = "the end"
)

// filler is what the texts of events are cut from: that of event n begins with letter n modulo 26.
var filler = strings.Repeat(letters, (8<<10)/len(letters)+64)

// numbered is the n-th event for a client; its size is that of the text in it.
//
//	["e",{"n":17,"p":"rstuv…"}]             object
//	["e",{"n":18,"p":"stuvw…"},18]          number
//	["e",{"n":19,"p":"tuvwx…"},"the end"]   text
//	["e",{"n":20,"p":"uvwxy…"}]             call
type numbered struct {
	n    int
	kind byte
	size int
}

func (e numbered) text() string {
	at := e.n % len(letters)
	for at+e.size > len(filler) {
		filler += filler
	}
	return filler[at : at+e.size]
}

// packet is its Socket.IO packet, with an ack id if that is not negative.
func (e numbered) packet(id int) []byte {
	p := append(make([]byte, 0, e.size+64), "42"...)
	if id >= 0 {
		p = strconv.AppendInt(p, int64(id), 10)
	}
	p = append(p, `["e",{"n":`...)
	p = strconv.AppendInt(p, int64(e.n), 10)
	p = append(append(append(p, `,"p":"`...), e.text()...), `"}`...)
	switch e.kind {
	case endsNumber:
		p = strconv.AppendInt(append(p, ','), int64(e.n), 10)
	case endsText:
		p = append(p, `,"`+lastWord+`"`...)
	}
	return append(p, ']')
}

// command is the line that makes an upstream emit the event.
func (e numbered) command(client int) string {
	return fmt.Sprintf("%d %d %c %d\n", client, e.n, e.kind, e.size)
}

func readCommand(line string) (client int, e numbered) {
	_, err := fmt.Sscanf(line, "%d %d %c %d", &client, &e.n, &e.kind, &e.size)
	must(err)
	return client, e
}

// received is what a client sees of an event packet.
type received struct {
	name string
	n    int    // -1: not one of ours
	id   int    // of the acknowledgement it asks for; -1: none
	last string // its last argument, or its name without arguments …
	ends bool   // … if that is a string
	raw  []byte // its JSON
}

// is says whether that event came as it was sent, an offset after its arguments or not.
func (r received) is(e numbered) bool {
	want := e.packet(-1)[2:]
	want = want[:len(want)-1]
	rest, found := bytes.CutPrefix(r.raw, want)
	if !found || string(rest) == "]" {
		return found
	}
	return r.ends && string(rest) == `,"`+r.last+`"]`
}

// readEvent reads the packet of an event that follows the digit of its type; false if it cannot be decoded.
func readEvent(packet []byte) (received, bool) {
	id, rest := leadingNumber(packet)
	r, ok := readQuickly(rest)
	if !ok {
		var all []json.RawMessage
		if json.Unmarshal(rest, &all) != nil || len(all) == 0 {
			return received{}, false
		}
		r = received{n: -1}
		_ = json.Unmarshal(all[0], &r.name)
		r.ends = json.Unmarshal(all[len(all)-1], &r.last) == nil
	}
	r.id, r.raw = id, rest
	return r, true
}

// readQuickly reads events as Holdfast's markers and ours usually are.
func readQuickly(rest []byte) (received, bool) {
	const marker, ours, padding = `["~o",`, `["e",{"n":`, `,"p":"`
	if bytes.IndexByte(rest, '\\') >= 0 {
		return received{}, false
	}
	if bytes.HasPrefix(rest, []byte(marker)) {
		r := received{name: markerName, n: -1}
		return r, r.arguments(rest[len(marker)-1:])
	}
	if !bytes.HasPrefix(rest, []byte(ours)) {
		return received{}, false
	}
	n, rest := leadingNumber(rest[len(ours):])
	if n < 0 || !bytes.HasPrefix(rest, []byte(padding)) {
		return received{}, false
	}
	end := bytes.IndexByte(rest[len(padding):], '"') + len(padding) + 1
	if end < len(padding)+1 || end == len(rest) || rest[end] != '}' {
		return received{}, false
	}
	r := received{name: eventName, n: n}
	return r, r.arguments(rest[end+1:])
}

// arguments reads strings and whole numbers, each after a comma, up to the closing bracket.
func (r *received) arguments(rest []byte) bool {
	for len(rest) > 1 && rest[0] == ',' {
		if rest[1] == '"' {
			end := bytes.IndexByte(rest[2:], '"')
			if end < 0 {
				return false
			}
			r.last, r.ends = string(rest[2:2+end]), true
			rest = rest[end+3:]
			continue
		}
		value, after := leadingNumber(rest[1:])
		if value < 0 {
			return false
		}
		r.ends, rest = false, after
	}
	return string(rest) == "]"
}

// event is a Socket.IO event packet of exactly that many bytes.
func event(name string, size int) []byte {
	packet := []byte(`42["` + name + `","`)
	for len(packet) < size-2 {
		packet = append(packet, byte('a'+len(packet)%26))
	}
	return append(packet, '"', ']')
}

// leadingNumber is the decimal number that the text begins with, -1 if there is none, and what follows.
func leadingNumber(text []byte) (int, []byte) {
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

// member is the value of a string member of a flat JSON object that needs no unescaping.
func member(json, name string) string {
	_, rest, _ := strings.Cut(json, `"`+name+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
