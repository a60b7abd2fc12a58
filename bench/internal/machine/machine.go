package machine

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Keep writes a file of results; its name begins with that of a scenario.
func Keep(home, name string, all any) error {
	dir := filepath.Join(home, "results")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, name+time.Now().UTC().Format("20060102-150405")+".json")
	fmt.Println("all of it:", path)
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// Describe is what a run ran on and how it was called.
func Describe(home string) []string {
	lines := []string{"command: bench/run " + strings.Join(os.Args[3:], " ")}
	if commit, err := exec.Command("git", "-C", home, "describe", "--always", "--dirty").Output(); err == nil {
		lines = append(lines, "commit: "+strings.TrimSpace(string(commit)))
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	return append(lines,
		fmt.Sprintf("CPU: %d x %s; memory: %s", runtime.NumCPU(), procLine("/proc/cpuinfo", "model name"), procLine("/proc/meminfo", "MemTotal")),
		"kernel: "+strings.TrimSpace(string(kernel))+"; load average at the end: "+strings.TrimSpace(string(load)),
		"load generator: "+runtime.Version())
}

func procLine(path, name string) string {
	text, _ := os.ReadFile(path)
	for _, line := range strings.Split(string(text), "\n") {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// PinSelf keeps all threads of this process on these CPUs.
func PinSelf(cpus []string) error {
	var mask [16]uint64
	for _, text := range cpus {
		var cpu int
		if _, err := fmt.Sscan(text, &cpu); err != nil {
			return err
		}
		mask[cpu/64] |= 1 << (cpu % 64)
	}
	threads, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		return err
	}
	for _, path := range threads {
		var id int
		if _, err := fmt.Sscan(filepath.Base(path), &id); err != nil {
			return err
		}
		_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(id), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
		if errno != 0 {
			return errno
		}
	}
	return nil
}
