// Package eventloop serves non-blocking sockets and timers on one thread, by epoll and without allocation for an event. It must not
// know a protocol.
package eventloop
