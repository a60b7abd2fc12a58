package cells

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dev.holdfast/bench/internal/process"
)

// profile prints, for each cell that is asked for, what Holdfast allocates (JFR) and asks of the kernel (strace).
func (s *Suite) profile() error {
	n := s.scale
	n.length = 5 * time.Second
	for _, t := range s.Targets {
		if t.Java == "" {
			continue
		}
		for _, c := range s.cells {
			if c.name == "memory" || !c.measures(t.Mode) {
				continue
			}
			if err := profileCell(s.Home, t, c, n); err != nil {
				return fmt.Errorf("%s, %s: %w", t.Name, c.name, err)
			}
		}
	}
	return nil
}

func profileCell(home string, t *process.Target, c cell, n Scale) error {
	if _, err := c.run(t, n); err != nil { // warm-up
		return err
	}
	fmt.Printf("%s, %s\n", t.Name, c.name)
	recording := filepath.Join(t.Dir, "profile.jfr")
	if err := diagnose(t, "JFR.start", "name=profile", "settings=profile",
		"jdk.ObjectAllocationSample#throttle=2000/s"); err != nil {
		return err
	}
	result, err := c.run(t, n)
	if err != nil {
		return err
	}
	if err := diagnose(t, "JFR.stop", "name=profile", "filename="+recording); err != nil {
		return err
	}
	// The recording also has the start and the settling of the cell, which the rate leaves out.
	events := result[perWall] * (n.length + settle).Seconds()
	fmt.Printf("  %.0f events a second, %.0f per CPU second\n", result[perWall], result[PerCPU])
	java := exec.Command(filepath.Join(t.Java, "bin", "java"), filepath.Join(home, "Profile.java"),
		recording, strconv.FormatFloat(events, 'f', 0, 64))
	java.Stdout, java.Stderr = os.Stdout, os.Stderr
	if err := java.Run(); err != nil {
		return err
	}
	return systemCalls(t, c, n)
}

func diagnose(t *process.Target, arguments ...string) error {
	all := append([]string{strconv.Itoa(t.Pids[0])}, arguments...)
	out, err := exec.Command(filepath.Join(t.Java, "bin", "jcmd"), all...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("jcmd %v: %w\n%s", arguments, err, out)
	}
	return nil
}

var straceLine = regexp.MustCompile(`(?m)^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$`)

// ioThreads are the ids of the threads that serve sockets: compilers and collectors are left out.
func ioThreads(pid int) []string {
	var ids []string
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*", pid))
	for _, task := range tasks {
		if name, _ := os.ReadFile(task + "/comm"); strings.Contains(string(name), "I/O-") {
			ids = append(ids, filepath.Base(task))
		}
	}
	return ids
}

// systemCalls counts those of the I/O threads while the cell runs; strace slows the proxy, so only counts are of use.
func systemCalls(t *process.Target, c cell, n Scale) error {
	file := filepath.Join(t.Dir, "strace")
	arguments := []string{"-c", "-o", file}
	for _, thread := range ioThreads(t.Pids[0]) {
		arguments = append(arguments, "-p", thread)
	}
	strace := exec.Command("strace", arguments...)
	if err := strace.Start(); err != nil {
		fmt.Println("  no system calls:", err)
		return nil
	}
	time.Sleep(300 * time.Millisecond) // it attaches
	result, err := c.run(t, n)
	_ = strace.Process.Signal(os.Interrupt)
	_ = strace.Wait()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	events := result[perWall] * (n.length + settle).Seconds()
	fmt.Println("  system calls for each event:")
	for _, line := range straceLine.FindAllSubmatch(text, -1) {
		calls, _ := strconv.ParseFloat(string(line[1]), 64)
		if calls/events > 0.0005 && string(line[2]) != "total" {
			fmt.Printf("    %8.4f %s\n", calls/events, line[2])
		}
	}
	return nil
}
