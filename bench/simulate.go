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

// simulator is the main class of the gateway's tests that runs random conversations on simulated nodes.
const simulator = "dev.holdfast.simulation.Simulate"

// simulate runs that with these arguments; its exit status is that of the class.
func simulate(o options, arguments []string) error {
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
		append([]string{"-cp", string(bytes.TrimSpace(path)), simulator}, arguments...)...)
	java.Stdin, java.Stdout, java.Stderr = os.Stdin, os.Stdout, os.Stderr
	java.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var ended *exec.ExitError
	if err := java.Run(); errors.As(err, &ended) && ended.ExitCode() > 0 {
		os.Exit(ended.ExitCode())
	} else if err != nil {
		return fmt.Errorf("%s: %w", simulator, err)
	}
	return nil
}
