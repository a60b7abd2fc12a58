package main

import "testing"

func TestCPUTimeOfCompilersIsCountedApart(t *testing.T) {
	before := map[string]thread{"1": {seconds: 1}, "2": {seconds: 5, compiles: true}, "3": {seconds: 7, compiles: true}}
	after := map[string]thread{"1": {seconds: 3}, "2": {seconds: 5.5, compiles: true}, "4": {seconds: 0.25}}

	if got := secondsSince(before, after); got != (seconds{Work: 2.25, Compilers: 0.5}) {
		t.Errorf("%+v", got)
	}
}

func TestThreadsOfAProcessHaveItsCPUTime(t *testing.T) {
	upstream := startUpstream(nil)
	defer upstream.stop()
	w := halves(t, upstream.address, upstream.address)
	pid := upstream.process.Process.Pid
	before := threads(pid)

	_, err := inStep(w, echoed(64, 8), 1)

	if used := secondsSince(before, threads(pid)); err != nil || used.Work <= 0 || used.Compilers != 0 {
		t.Errorf("%+v, %v", used, err)
	}
}

func TestARatioIsThatOfTheNewToTheBase(t *testing.T) {
	p := pair{1000, map[string]seconds{baseSide: {Work: 1, Compilers: 5}, newSide: {Work: 2}}}

	if p.ratio() != 0.5 || p.perCPU(newSide) != 500 {
		t.Errorf("twice the CPU time: %g, %g", p.ratio(), p.perCPU(newSide))
	}
}
