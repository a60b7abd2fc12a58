package javatests

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/trial"
)

// Main classes of the gateway's tests.
const (
	Simulator = "dev.holdfast.simulation.Simulate" // random conversations of simulated nodes
	Injector  = "dev.holdfast.simulation.Inject"   // short ones, in each of which something throws once
	Fuzzer    = "dev.holdfast.fuzz.Fuzz"           // every parser on made-up inputs
)

// Command runs such a class with the arguments it is given; its exit status is that of the class.
func Command(class string) func(o trial.Options, arguments []string) error {
	return func(o trial.Options, arguments []string) error { return run(o, class, arguments) }
}

func run(o trial.Options, class string, arguments []string) error {
	all := process.JDKs()
	if len(all) == 0 {
		return errors.New("there is no JDK 17 or 25")
	}
	find := exec.Command(filepath.Join(o.Home, "..", "e2e", "lib", "test-classpath"))
	find.Stderr = os.Stderr
	path, err := find.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", find.Path, err)
	}
	java := exec.Command(filepath.Join(all[0].Home, "bin", "java"),
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
