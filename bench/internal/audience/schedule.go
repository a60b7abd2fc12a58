package audience

import (
	"math"
	"math/rand"
	"slices"
	"time"

	"dev.holdfast/bench/internal/wire"
)

const (
	Smallest = 64      // bytes of a packet
	largest  = 8 << 10 // the same
	Envelope = 32      // bytes of a packet besides its text, about
	burst    = 8       // events at most that a client gets at once
	everyOf  = 10      // one event in so many is a call
)

// Plan is one event of a schedule: when it is sent, counted from the start.
type Plan struct {
	At     time.Duration
	Client int
	Kind   byte
	Size   int
}

// Schedule spreads the events over the time, for each client in bursts.
func Schedule(random *rand.Rand, clients, events int, length time.Duration) []Plan {
	all := make([]Plan, 0, clients*events)
	for client := 0; client < clients; client++ {
		for left := events; left > 0; {
			at := time.Duration(random.Int63n(int64(length)))
			for n := min(left, 1+random.Intn(burst)); n > 0; n-- {
				all = append(all, Plan{at, client, randomKind(random), randomSize(random)})
				left--
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Plan) int { return int(a.At - b.At) })
	return all
}

func randomKind(random *rand.Rand) byte {
	if random.Intn(everyOf) == 0 {
		return wire.AsksAnswer
	}
	return [3]byte{wire.EndsObject, wire.EndsNumber, wire.EndsText}[random.Intn(3)]
}

// randomSize is as often below the geometric mean as above.
func randomSize(random *rand.Rand) int {
	low, high := math.Log(Smallest), math.Log(largest)
	return int(math.Exp(low+random.Float64()*(high-low))) - Envelope
}
