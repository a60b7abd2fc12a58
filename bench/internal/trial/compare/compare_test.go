package compare

import (
	"os"
	"testing"

	"dev.holdfast/bench/internal/openwebui"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/procfs"
)

// TestMain lets this test program be the upstream, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "upstream" {
		openwebui.Serve(os.Args[2:])
	}
	os.Exit(m.Run())
}

func TestCPUTimeOfCompilersIsCountedApart(t *testing.T) {
	before := map[string]procfs.Thread{"1": {Seconds: 1}, "2": {Seconds: 5, Compiles: true}, "3": {Seconds: 7, Compiles: true}}
	after := map[string]procfs.Thread{"1": {Seconds: 3}, "2": {Seconds: 5.5, Compiles: true}, "4": {Seconds: 0.25}}

	if got := secondsSince(before, after); got != (seconds{Work: 2.25, Compilers: 0.5}) {
		t.Errorf("%+v", got)
	}
}

func TestThreadsOfAProcessHaveItsCPUTime(t *testing.T) {
	upstream := process.StartUpstream(nil)
	defer upstream.Stop()
	w := halves(t, upstream.Address, upstream.Address)
	pid := upstream.Process.Process.Pid
	before := procfs.Threads(pid)

	_, err := inStep(w, echoed(64, 8), 1)

	if used := secondsSince(before, procfs.Threads(pid)); err != nil || used.Work <= 0 || used.Compilers != 0 {
		t.Errorf("%+v, %v", used, err)
	}
}

func TestARatioIsThatOfTheNewToTheBase(t *testing.T) {
	p := pair{1000, map[string]seconds{baseSide: {Work: 1, Compilers: 5}, newSide: {Work: 2}}}

	if p.ratio() != 0.5 || p.perCPU(newSide) != 500 {
		t.Errorf("twice the CPU time: %g, %g", p.ratio(), p.perCPU(newSide))
	}
}
