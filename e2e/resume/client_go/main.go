// The Go client of zishang520: says what it sees, line by line. usage: client-go URL NAME WORDS websocket|polling,websocket
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zishang520/socket.io/clients/engine/v3/transports"
	"github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

var line sync.Mutex

func say(format string, values ...any) {
	line.Lock()
	defer line.Unlock()
	fmt.Printf(format+"\n", values...)
}

func main() {
	url, name := os.Args[1], os.Args[2]
	words, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	options := socket.DefaultOptions()
	options.SetPath("/ws/socket.io")
	if strings.HasPrefix(os.Args[4], "polling") {
		options.SetTransports(types.NewSet(transports.Polling, transports.WebSocket))
	} else {
		options.SetTransports(types.NewSet(transports.WebSocket))
	}
	options.SetReconnectionDelay(100)
	options.SetReconnectionDelayMax(300)
	options.SetAuth(map[string]any{"name": name, "token": "token of " + name})
	io, err := socket.Connect(url, options)
	if err != nil {
		panic(err)
	}
	var once sync.Once
	done := make(chan bool, 1)
	_ = io.On("connect", func(...any) {
		say("connect %s %v", io.Id(), io.Recovered())
		once.Do(func() { _ = io.Emit("stream", map[string]any{"count": words, "every": 4}) })
	})
	_ = io.On("disconnect", func(values ...any) { say("disconnect %v", values[0]) })
	io.OnAny(func(event ...any) { say("event %v", event[0]) })
	_ = io.On("word", func(values ...any) {
		number := int(values[0].(float64))
		say("word %d", number)
		if number == words {
			io.EmitWithAck("echo", "last")(func([]any, error) { done <- true })
		}
	})
	select {
	case <-done:
		say("all words")
		// The test cuts the connection once more, and ends this process.
		time.Sleep(2 * time.Minute)
	case <-time.After(90 * time.Second):
		os.Exit(1)
	}
}
