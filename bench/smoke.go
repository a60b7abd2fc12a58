package main

import "fmt"

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
		if err := run(); err != nil {
			tally(name, 0, err)
		} else {
			tally(name, 1, nil)
		}
	}
	waits := make(chan error)
	go func() { waits <- newSlow(o).run() }() // both do little but wait
	scenario("jitter", newJitter(o).run)
	scenario("slow", func() error { return <-waits })
	scenario("avalanche", newAvalanche(o).run)
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return fmt.Errorf("%d of the smoke run failed", failed)
	}
	return nil
}
