package eventloop

import (
	"container/heap"
	"time"
)

// Timer is a function that a loop calls at its time, on its own thread.
type Timer struct {
	at    time.Time
	run   func()
	index int // in the heap; -1: it has run or was stopped
}

type timers []*Timer

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].at.Before(t[j].at) }

func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

func (t *timers) Push(one any) {
	added := one.(*Timer)
	added.index = len(*t)
	*t = append(*t, added)
}

func (t *timers) Pop() any {
	last := len(*t) - 1
	one := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	one.index = -1
	return one
}

// After calls the function after that long; the timer returned can be stopped until then.
func (l *Loop) After(wait time.Duration, run func()) *Timer {
	t := &Timer{at: time.Now().Add(wait), run: run}
	heap.Push(&l.timers, t)
	return t
}

// Stop is nothing for a timer that has run, was stopped or is nil.
func (l *Loop) Stop(t *Timer) {
	if t != nil && t.index >= 0 {
		heap.Remove(&l.timers, t.index)
	}
}

// untilTimer is how long a poll may wait.
func (l *Loop) untilTimer(wait time.Duration) time.Duration {
	if len(l.timers) == 0 {
		return wait
	}
	return min(wait, time.Until(l.timers[0].at))
}

func (l *Loop) runTimers() {
	for now := time.Now(); len(l.timers) > 0 && !l.timers[0].at.After(now); {
		heap.Pop(&l.timers).(*Timer).run()
	}
}
