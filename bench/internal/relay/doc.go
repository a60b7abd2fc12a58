// Package relay is a TCP relay that delays what it passes, and cuts it off as a firewall or an unplugged cable does. It must not
// know what passes.
package relay
