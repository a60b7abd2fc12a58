package wire

import "encoding/binary"

const (
	OpText  = 1
	OpClose = 8
	OpPing  = 9
	OpPong  = 10
)

var (
	maskKey = [4]byte{0x5a, 0xc3, 0x17, 0xe9}
)

// Frame is one RFC 6455 frame; its payload is a slice of what was read, still masked.
type Frame struct {
	Op      byte
	masked  bool
	Payload []byte
	Size    int // header and payload; 0: incomplete
}

// NextFrame reads the frame at the start of data. Fragments are not used by this benchmark's peers.
func NextFrame(data []byte) Frame {
	if len(data) < 2 {
		return Frame{}
	}
	head, length := 2, int(data[1]&0x7f)
	switch length {
	case 126:
		if len(data) < 4 {
			return Frame{}
		}
		head, length = 4, int(binary.BigEndian.Uint16(data[2:]))
	case 127:
		if len(data) < 10 {
			return Frame{}
		}
		head, length = 10, int(binary.BigEndian.Uint64(data[2:]))
	}
	masked := data[1]&0x80 != 0
	if masked {
		head += 4
	}
	if len(data) < head+length {
		return Frame{}
	}
	return Frame{data[0] & 0x0f, masked, data[head : head+length], head + length}
}

// Unmask clears the mask of a client's frame in place.
func (f Frame) Unmask(data []byte) {
	if !f.masked {
		return
	}
	head := f.Size - len(f.Payload)
	key := data[head-4 : head]
	word := uint64(binary.LittleEndian.Uint32(key)) * 0x1_0000_0001
	p := f.Payload
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^word)
	}
	for i := range p {
		p[i] ^= key[i&3]
	}
}

// AppendFrame writes a final frame, masked if a client sends it.
func AppendFrame(to []byte, op byte, masked bool, payload []byte) []byte {
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
