package main

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// requester is a keep-alive HTTP/1.1 client that asks again as soon as it was answered.
type requester struct {
	request []byte
	upload  int // bytes of a body that follow the request
	sending int
	left    int // bytes of the response's body still to come
	inBody  bool
	bytes   *int
	done    func(c *conn)
	failed  func(error)
}

func (r *requester) opened(c *conn) { r.ask(c) }

func (r *requester) ask(c *conn) {
	c.send(r.request)
	if r.sending = r.upload; r.sending > 0 {
		c.await()
	}
}

func (r *requester) writable(c *conn) bool {
	if r.sending > 0 {
		n := c.write(blank[:min(len(blank), r.sending)])
		r.sending -= n
		*r.bytes += n
	}
	return r.sending > 0
}

func (r *requester) input(c *conn, data []byte) int {
	used := 0
	for used < len(data) && !c.closed {
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
			*r.bytes += n
		}
		if r.left == 0 && r.inBody {
			r.inBody = false
			r.done(c)
		}
	}
	return used
}

func (r *requester) head(c *conn, data []byte) int {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	length, err := strconv.Atoi(header(data[:end+2], "content-length"))
	if err != nil || !bytes.HasPrefix(data, []byte("HTTP/1.1 200 ")) {
		c.close(fmt.Errorf("unexpected response: %.200q", data))
		return 0
	}
	r.left, r.inBody = length, true
	return end + 4
}

func (r *requester) ended(_ *conn, err error) {
	if err != nil {
		r.failed(err)
	}
}

// requests asks for a small response again and again on keep-alive connections.
func requests(t *target, n scale) (values, error) {
	w := &crowd{loop: newLoop(), address: t.address}
	defer w.loop.release()
	body, answered, stopped := 0, 0, false
	all := make([]*conn, n.requesters)
	for i := range all {
		r := &requester{request: get(t.address, "/small"), bytes: &body, failed: w.fail}
		r.done = func(c *conn) {
			answered++
			if !stopped {
				r.ask(c)
			}
		}
		all[i] = w.loop.dial(t.address, r)
	}
	err := w.run(settle, never)
	m, before := start(t), answered
	if err == nil {
		err = w.run(n.length, never)
	}
	result := m.rates(float64(answered - before))
	stopped = true
	for _, c := range all {
		c.close(nil)
	}
	if err == nil && answered == before {
		err = fmt.Errorf("no request was answered")
	}
	return result, err
}

// transfer moves one large body on one connection.
func transfer(t *target, n scale, up bool) (values, error) {
	w := &crowd{loop: newLoop(), address: t.address}
	defer w.loop.release()
	moved, finished := 0, false
	r := &requester{request: get(t.address, "/bytes/"+strconv.Itoa(n.transfer)), bytes: &moved, failed: w.fail}
	if up {
		r.upload = n.transfer
		r.request = []byte("POST /upload HTTP/1.1\r\nHost: " + t.address + "\r\nContent-Type: application/octet-stream\r\n" +
			"Content-Length: " + strconv.Itoa(n.transfer) + "\r\n\r\n")
	}
	r.done = func(c *conn) {
		finished = true
		c.close(nil)
	}
	m := start(t)
	w.loop.dial(t.address, r)
	err := w.run(60*time.Second, func() bool { return finished })
	if err == nil && !finished {
		err = fmt.Errorf("not finished in 60 s, after %d bytes", moved)
	}
	if err == nil {
		err = expect(moved, n.transfer)
	}
	return m.rates(float64(moved)), err
}
