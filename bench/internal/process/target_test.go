package process

import (
	"os/exec"
	"strings"
	"testing"
)

func TestAProcessThatEndsIsNotAwaited(t *testing.T) {
	p := Proxy{Name: "ends", Command: func(string, string, int) (*exec.Cmd, error) { return exec.Command("false"), nil }}

	if _, err := p.Launch("127.0.0.1:1", nil); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Error(err)
	}
}
