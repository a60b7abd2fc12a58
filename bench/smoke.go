package main

import (
	"errors"
	"fmt"

	"dev.holdfast/bench/internal/bound"
	"dev.holdfast/bench/internal/trial"
	"dev.holdfast/bench/internal/trial/avalanche"
	"dev.holdfast/bench/internal/trial/cells"
	"dev.holdfast/bench/internal/trial/compare"
	"dev.holdfast/bench/internal/trial/crash"
	"dev.holdfast/bench/internal/trial/jitter"
	"dev.holdfast/bench/internal/trial/leaks"
	"dev.holdfast/bench/internal/trial/partition"
	"dev.holdfast/bench/internal/trial/pause"
	"dev.holdfast/bench/internal/trial/redisfaults"
	"dev.holdfast/bench/internal/trial/redistraffic"
	"dev.holdfast/bench/internal/trial/rolling"
	"dev.holdfast/bench/internal/trial/slow"
)

// smoke runs everything with tiny counts: it checks counts and bounds, and measures nothing.
func smoke(o trial.Options) error {
	passed, failed := 0, 0
	tally := func(name string, worked int, err error) {
		passed += worked
		if err != nil {
			failed++
			fmt.Printf("%s fails: %v\n", name, err)
		}
	}
	worked, err := cells.Run(o)
	tally("cells", worked, err)
	scenario := func(name string, run func() error) {
		switch err := run(); {
		case errors.Is(err, bound.ErrSkipped):
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
	slowEnds := beside(slow.New(o).Run)
	scenario("jitter", jitter.New(o).Run)
	scenario("slow", slowEnds)
	rollingEnds := beside(rolling.New(o).Run)
	scenario("avalanche", avalanche.New(o).Run)
	scenario("crash", crash.New(o).Run)
	scenario("rolling", rollingEnds)
	trafficEnds := beside(redistraffic.New(o).Run)
	scenario("redis-faults", redisfaults.New(o).Run)
	scenario("redis-traffic", trafficEnds)
	pauseEnds := beside(pause.New(o).Run)
	scenario("partition", partition.New(o).Run)
	scenario("pause", pauseEnds)
	leaksEnd := beside(leaks.New(o).Run)
	scenario("rolling --drain-upstream", rolling.New(o).OfUpstreams().Run)
	scenario("leaks", leaksEnd)
	scenario("compare", compare.New(o).Run)
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return fmt.Errorf("%d of the smoke run failed", failed)
	}
	return nil
}
