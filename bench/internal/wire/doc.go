// Package wire reads and writes what goes over a connection: heads of HTTP, frames of RFC 6455 and packets of numbered events. It
// must not know sockets or processes.
package wire
