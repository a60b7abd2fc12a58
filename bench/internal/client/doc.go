// Package client holds Socket.IO clients: a session that does no more than a load needs, and a page that does what socket.io-client
// 4.7.5 does about connections.
// It must not know what a client is used for, nor who serves it.
package client
