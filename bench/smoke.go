package main

import (
	"errors"
	"fmt"
)

// smoke runs everything with tiny counts: it checks counts and bounds, and measures nothing.
func smoke(o options) error {
	passed, failed := 0, 0
	tally := func(name string, worked int, err error) {
		passed += worked
		if err != nil {
			failed++
			fmt.Printf("%s fails: %v\n", name, err)
		}
	}
	worked, err := runCells(o)
	tally("cells", worked, err)
	scenario := func(name string, run func() error) {
		switch err := run(); {
		case errors.Is(err, errSkipped):
			fmt.Printf("%s: %v\n", name, err)
		case err != nil:
			tally(name, 0, err)
		default:
			tally(name, 1, nil)
		}
	}
	beside := func(run func() error) func() error { // those that do little but wait
		waits := make(chan error)
		go func() { waits <- run() }()
		return func() error { return <-waits }
	}
	slow := beside(newSlow(o).run)
	scenario("jitter", newJitter(o).run)
	scenario("slow", slow)
	rolling := beside(newRolling(o).run)
	scenario("avalanche", newAvalanche(o).run)
	scenario("crash", newCrash(o).run)
	scenario("rolling", rolling)
	traffic := beside(newTraffic(o).run)
	scenario("redis-faults", newRedisFaults(o).run)
	scenario("redis-traffic", traffic)
	stopped := beside(newPause(o).run)
	scenario("partition", newPartition(o).run)
	scenario("pause", stopped)
	left := beside(newLeaks(o).run)
	scenario("rolling --drain-upstream", newRolling(o).ofUpstreams().run)
	scenario("leaks", left)
	scenario("compare", newCompare(o).run)
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return fmt.Errorf("%d of the smoke run failed", failed)
	}
	return nil
}
