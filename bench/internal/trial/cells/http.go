package cells

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"dev.holdfast/bench/internal/client"
	"dev.holdfast/bench/internal/eventloop"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/wire"
)

// Requester is a keep-alive HTTP/1.1 client that asks again as soon as it was answered.
type Requester struct {
	Request []byte
	upload  int // bytes of a body that follow the request
	sending int
	left    int // bytes of the response's body still to come
	inBody  bool
	Bytes   *int
	Done    func(c *eventloop.Conn)
	Failed  func(error)
}

// Opened implements eventloop.Peer.
func (r *Requester) Opened(c *eventloop.Conn) { r.Ask(c) }

// Ask sends the request.
func (r *Requester) Ask(c *eventloop.Conn) {
	c.Send(r.Request)
	if r.sending = r.upload; r.sending > 0 {
		c.Await()
	}
}

// Writable implements eventloop.Peer.
func (r *Requester) Writable(c *eventloop.Conn) bool {
	if r.sending > 0 {
		n := c.Write(wire.Zeros[:min(len(wire.Zeros), r.sending)])
		r.sending -= n
		*r.Bytes += n
	}
	return r.sending > 0
}

// Input implements eventloop.Peer.
func (r *Requester) Input(c *eventloop.Conn, data []byte) int {
	used := 0
	for used < len(data) && !c.Closed {
		if !r.inBody {
			n := r.head(c, data[used:])
			if n == 0 {
				break
			}
			used += n
		}
		n := min(r.left, len(data)-used)
		used += n
		r.left -= n
		if r.upload == 0 {
			*r.Bytes += n
		}
		if r.left == 0 && r.inBody {
			r.inBody = false
			r.Done(c)
		}
	}
	return used
}

func (r *Requester) head(c *eventloop.Conn, data []byte) int {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	length, err := strconv.Atoi(wire.Header(data[:end+2], "content-length"))
	if err != nil || !bytes.HasPrefix(data, []byte("HTTP/1.1 200 ")) {
		c.Close(fmt.Errorf("unexpected response: %.200q", data))
		return 0
	}
	r.left, r.inBody = length, true
	return end + 4
}

// Ended implements eventloop.Peer.
func (r *Requester) Ended(_ *eventloop.Conn, err error) {
	if err != nil {
		r.Failed(err)
	}
}

// requests asks for a small response again and again on keep-alive connections.
func requests(t *process.Target, n Scale) (values, error) {
	w := &client.Crowd{Loop: eventloop.New(), Address: t.Address}
	defer w.Loop.Release()
	body, answered, stopped := 0, 0, false
	all := make([]*eventloop.Conn, n.requesters)
	for i := range all {
		r := &Requester{Request: wire.Get(t.Address, "/small"), Bytes: &body, Failed: w.Fail}
		r.Done = func(c *eventloop.Conn) {
			answered++
			if !stopped {
				r.Ask(c)
			}
		}
		all[i] = w.Loop.Dial(t.Address, r)
	}
	err := w.Run(settle, eventloop.Never)
	m, before := start(t), answered
	if err == nil {
		err = w.Run(n.length, eventloop.Never)
	}
	result := m.rates(float64(answered - before))
	stopped = true
	for _, c := range all {
		c.Close(nil)
	}
	if err == nil && answered == before {
		err = fmt.Errorf("no request was answered")
	}
	return result, err
}

// transfer moves one large body on one connection.
func transfer(t *process.Target, n Scale, up bool) (values, error) {
	w := &client.Crowd{Loop: eventloop.New(), Address: t.Address}
	defer w.Loop.Release()
	moved, finished := 0, false
	r := &Requester{Request: wire.Get(t.Address, "/bytes/"+strconv.Itoa(n.transfer)), Bytes: &moved, Failed: w.Fail}
	if up {
		r.upload = n.transfer
		r.Request = []byte("POST /upload HTTP/1.1\r\nHost: " + t.Address + "\r\nContent-Type: application/octet-stream\r\n" +
			"Content-Length: " + strconv.Itoa(n.transfer) + "\r\n\r\n")
	}
	r.Done = func(c *eventloop.Conn) {
		finished = true
		c.Close(nil)
	}
	m := start(t)
	w.Loop.Dial(t.Address, r)
	err := w.Run(60*time.Second, func() bool { return finished })
	if err == nil && !finished {
		err = fmt.Errorf("not finished in 60 s, after %d bytes", moved)
	}
	if err == nil {
		err = expect(moved, n.transfer)
	}
	return m.rates(float64(moved)), err
}
