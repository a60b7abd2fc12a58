package leaks

import (
	"slices"
	"testing"

	"dev.holdfast/bench/internal/cluster"
)

const histogram = ` num     #instances         #bytes  class name (module)
-------------------------------------------------------
   1:         12345         987654  [B (java.base@17.0.15)
   2:            42           1008  dev.holdfast.session.Session
   3:            40            960  dev.holdfast.engineio.Pings$$Lambda$518/0x00007fdcd429d9b8
   4:             1             16  dev.holdfast.engineio.Pings$$Lambda$519/0x00007fdcd429d9c0
   5:             3             48  dev.holdfast.engineio.Pings$$Lambda/0x00007fdcd429d9d0
Total         12431         989686
`

func TestLambdasOfAClassCountAsOneWithoutTheFirstOfEach(t *testing.T) {
	o := readObjects([]byte(histogram))

	if o["dev.holdfast.session.Session"] != 42 || o["dev.holdfast.engineio.Pings$$Lambda"] != 39+0+2 || o["[B"] != 12345 {
		t.Errorf("read %v", o)
	}
}

func TestWhatIsAlwaysThereIsTheLeastOfAllSamples(t *testing.T) {
	var seen objects
	for _, sample := range []objects{{"a": 3, "b": 1}, {"a": 2, "c": 5}} {
		seen = seen.atLeast(sample)
	}

	if len(seen) != 1 || seen["a"] != 2 {
		t.Errorf("left %v", seen)
	}
}

func TestClassThatGrowsWithTheSessionsIsFound(t *testing.T) {
	growing := objects{"one": 24, "constant": 7, "two": 31}.growing(objects{"one": 12, "constant": 7, "two": 10}, 12)

	if !slices.Equal(growing, []string{"one", "two"}) {
		t.Errorf("growing %v", growing)
	}
}

func TestLeftObjectIsFoundAndTimersHaveToBeAsManyAsBefore(t *testing.T) {
	n := &cluster.Node{Number: 0}
	s := &search{fresh: []remains{{}}, timers: 2, latest: make([]remains, 1),
		own: map[string]bool{sessionClass: true, timerClass: true}}
	now := remains{objects: objects{sessionClass: 1, timerClass: 3, "dev.holdfast.config.Key": 80}}

	left := s.judge(n, now, nil)

	if !slices.Equal(left, []string{sessionClass + ": 1, not 0 at most", timerClass + ": 3, not 2 at most"}) {
		t.Errorf("left %v", left)
	}
}

func TestClassOfSessionsAndThreadsMayHaveFewMoreForThreadsThatBeginLate(t *testing.T) {
	const loop = "dev.holdfast.wire.XnioEventLoop"
	s := &search{fresh: []remains{{objects: objects{loop: 4}}}, latest: make([]remains, 1), own: map[string]bool{loop: true}}
	left := func(count int) []string {
		s.begin([]*cluster.Node{{}})
		return s.judge(&cluster.Node{}, remains{objects: objects{loop: count}}, nil)
	}

	if late := left(4 + fewObjects); len(late) > 0 {
		t.Errorf("left %v", late)
	}
	if more := left(4 + fewObjects + 1); !slices.Equal(more, []string{loop + ": 9, not 8 at most"}) {
		t.Errorf("left %v", more)
	}
}
