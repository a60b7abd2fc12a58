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
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return fmt.Errorf("%d of the smoke run failed", failed)
	}
	return nil
}
