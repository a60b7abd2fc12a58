package main

import "encoding/binary"

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

var (
	maskKey = [4]byte{0x5a, 0xc3, 0x17, 0xe9}
)

// frame is one RFC 6455 frame; its payload is a slice of what was read, still masked.
type frame struct {
	op      byte
	masked  bool
	payload []byte
	size    int // header and payload; 0: incomplete
}

// nextFrame reads the frame at the start of data. Fragments are not used by this benchmark's peers.
func nextFrame(data []byte) frame {
	if len(data) < 2 {
		return frame{}
	}
	head, length := 2, int(data[1]&0x7f)
	switch length {
	case 126:
		if len(data) < 4 {
			return frame{}
		}
		head, length = 4, int(binary.BigEndian.Uint16(data[2:]))
	case 127:
		if len(data) < 10 {
			return frame{}
		}
		head, length = 10, int(binary.BigEndian.Uint64(data[2:]))
	}
	masked := data[1]&0x80 != 0
	if masked {
		head += 4
	}
	if len(data) < head+length {
		return frame{}
	}
	return frame{data[0] & 0x0f, masked, data[head : head+length], head + length}
}

// unmask clears the mask of a client's frame in place.
func (f frame) unmask(data []byte) {
	if !f.masked {
		return
	}
	head := f.size - len(f.payload)
	key := data[head-4 : head]
	word := uint64(binary.LittleEndian.Uint32(key)) * 0x1_0000_0001
	p := f.payload
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^word)
	}
	for i := range p {
		p[i] ^= key[i&3]
	}
}

// appendFrame writes a final frame, masked if a client sends it.
func appendFrame(to []byte, op byte, masked bool, payload []byte) []byte {
	bit := byte(0)
	if masked {
		bit = 0x80
	}
	to = append(to, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		to = append(to, bit|byte(n))
	case n < 1<<16:
		to = binary.BigEndian.AppendUint16(append(to, bit|126), uint16(n))
	default:
		to = binary.BigEndian.AppendUint64(append(to, bit|127), uint64(n))
	}
	if masked {
		to = append(to, maskKey[:]...)
	}
	at := len(to)
	to = append(to, payload...)
	if masked {
		p := to[at:]
		for i := range p {
			p[i] ^= maskKey[i&3]
		}
	}
	return to
}
