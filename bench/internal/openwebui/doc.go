// Package openwebui is the fast stand-in for Open WebUI, which emits numbered events to rooms on command, and the handle of such an
// upstream as a process, which python-socketio and socket.io for Node may be as well (rivals/).
// It must not know clients, proxies or trials.
package openwebui
