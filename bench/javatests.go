package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Main classes of the gateway's tests.
const (
	simulator = "dev.holdfast.simulation.Simulate" // random conversations of simulated nodes
	injector  = "dev.holdfast.simulation.Inject"   // short ones, in each of which something throws once
	fuzzer    = "dev.holdfast.fuzz.Fuzz"           // every parser on made-up inputs
)

// runTests runs such a class with these arguments; its exit status is that of the class.
func runTests(o options, class string, arguments []string) error {
	all := jdks()
	if len(all) == 0 {
		return errors.New("there is no JDK 17 or 25")
	}
	find := exec.Command(filepath.Join(o.home, "..", "e2e", "lib", "test-classpath"))
	find.Stderr = os.Stderr
	path, err := find.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", find.Path, err)
	}
	java := exec.Command(filepath.Join(all[0].home, "bin", "java"),
		append([]string{"-cp", string(bytes.TrimSpace(path)), class}, arguments...)...)
	java.Stdin, java.Stdout, java.Stderr = os.Stdin, os.Stdout, os.Stderr
	java.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var ended *exec.ExitError
	if err := java.Run(); errors.As(err, &ended) && ended.ExitCode() > 0 {
		os.Exit(ended.ExitCode())
	} else if err != nil {
		return fmt.Errorf("%s: %w", class, err)
	}
	return nil
}
