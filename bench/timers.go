package main

import (
	"container/heap"
	"time"
)

// timer is a function that a loop calls at its time, on its own thread.
type timer struct {
	at    time.Time
	run   func()
	index int // in the heap; -1: it has run or was stopped
}

type timers []*timer

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].at.Before(t[j].at) }

func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

func (t *timers) Push(one any) {
	added := one.(*timer)
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

// after calls the function after that long; the timer returned can be stopped until then.
func (l *loop) after(wait time.Duration, run func()) *timer {
	t := &timer{at: time.Now().Add(wait), run: run}
	heap.Push(&l.timers, t)
	return t
}

// stop is nothing for a timer that has run, was stopped or is nil.
func (l *loop) stop(t *timer) {
	if t != nil && t.index >= 0 {
		heap.Remove(&l.timers, t.index)
	}
}

// untilTimer is how long a poll may wait.
func (l *loop) untilTimer(wait time.Duration) time.Duration {
	if len(l.timers) == 0 {
		return wait
	}
	return min(wait, time.Until(l.timers[0].at))
}

func (l *loop) runTimers() {
	for now := time.Now(); len(l.timers) > 0 && !l.timers[0].at.After(now); {
		heap.Pop(&l.timers).(*timer).run()
	}
}
