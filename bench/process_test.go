package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestAProcessThatEndsIsNotAwaited(t *testing.T) {
	p := proxy{name: "ends", command: func(string, string, int) (*exec.Cmd, error) { return exec.Command("false"), nil }}

	if _, err := p.launch("127.0.0.1:1", nil); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Error(err)
	}
}
