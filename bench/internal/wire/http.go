package wire

import "bytes"

// SocketPath is where Open WebUI serves Socket.IO.
const SocketPath = "/ws/socket.io/"

// Zeros are the bytes of large bodies.
var Zeros = make([]byte, 1<<20)

// Header is the value of a header field in a request's or response's head; empty if it is not there.
func Header(head []byte, name string) string {
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\r\n"))
		key, value, found := bytes.Cut(line, []byte(":"))
		if found && bytes.EqualFold(key, []byte(name)) {
			return string(bytes.TrimSpace(value))
		}
		head = rest
	}
	return ""
}

// Get is a request without a body.
func Get(host, path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: */*\r\n\r\n")
}
