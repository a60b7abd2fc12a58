package main

import (
	"math"
	"math/rand"
	"slices"
	"time"
)

const (
	smallest = 64      // bytes of a packet
	largest  = 8 << 10 // the same
	envelope = 32      // bytes of a packet besides its text, about
	burst    = 8       // events at most that a client gets at once
	everyOf  = 10      // one event in so many is a call
)

// plan is one event of a schedule: when it is sent, counted from the start.
type plan struct {
	at     time.Duration
	client int
	kind   byte
	size   int
}

// schedule spreads the events over the time, for each client in bursts.
func schedule(random *rand.Rand, clients, events int, length time.Duration) []plan {
	all := make([]plan, 0, clients*events)
	for client := 0; client < clients; client++ {
		for left := events; left > 0; {
			at := time.Duration(random.Int63n(int64(length)))
			for n := min(left, 1+random.Intn(burst)); n > 0; n-- {
				all = append(all, plan{at, client, randomKind(random), randomSize(random)})
				left--
			}
		}
	}
	slices.SortStableFunc(all, func(a, b plan) int { return int(a.at - b.at) })
	return all
}

func randomKind(random *rand.Rand) byte {
	if random.Intn(everyOf) == 0 {
		return asksAnswer
	}
	return [3]byte{endsObject, endsNumber, endsText}[random.Intn(3)]
}

// randomSize is as often below the geometric mean as above.
func randomSize(random *rand.Rand) int {
	low, high := math.Log(smallest), math.Log(largest)
	return int(math.Exp(low+random.Float64()*(high-low))) - envelope
}
