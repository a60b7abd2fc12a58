package procfs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ticksPerSecond is USER_HZ, which is 100 on every Linux that Go runs on.
const ticksPerSecond = 100

// Family is a process and its descendants: nginx's master and its workers.
func Family(pid int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	children := map[int][]int{}
	for _, path := range stats {
		fields := StatFields(path)
		if fields == nil {
			continue
		}
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		parent, _ := strconv.Atoi(fields[1])
		children[parent] = append(children[parent], child)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// StatFields are the fields of a stat file from the third on, which follow the name in brackets.
func StatFields(path string) []string {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
}

// CPUSeconds is the user and system time that the processes have used.
func CPUSeconds(pids []int) float64 {
	total := 0
	for _, pid := range pids {
		fields := StatFields(fmt.Sprintf("/proc/%d/stat", pid))
		if fields == nil {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		total += user + system
	}
	return float64(total) / ticksPerSecond
}

// CompilerSeconds is the CPU time of a JVM's compiler threads.
func CompilerSeconds(pid int) float64 {
	total := 0.0
	for _, t := range Threads(pid) {
		if t.Compiles {
			total += t.Seconds
		}
	}
	return total
}

// Thread is one of a process, with the CPU time that it has used.
type Thread struct {
	Seconds  float64
	Compiles bool
}

// Threads of a process by id.
func Threads(pid int) map[string]Thread {
	all := map[string]Thread{}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*", pid))
	for _, task := range tasks {
		name, _ := os.ReadFile(task + "/comm")
		if used, err := os.ReadFile(task + "/schedstat"); err == nil {
			nanos, _, _ := strings.Cut(string(used), " ")
			n, _ := strconv.ParseFloat(nanos, 64)
			all[filepath.Base(task)] = Thread{n / 1e9, strings.Contains(string(name), " Compile")}
		}
	}
	return all
}

// ResidentBytes is the VmRSS of the processes.
func ResidentBytes(pids []int) float64 {
	total := 0.0
	for _, pid := range pids {
		total += statusBytes(pid, "VmRSS:")
	}
	return total
}

// MostResidentBytes is the most that a process has had of it.
func MostResidentBytes(pid int) float64 { return statusBytes(pid, "VmHWM:") }

func statusBytes(pid int, name string) float64 {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(data), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			kib, _ := strconv.Atoi(fields[1])
			return float64(kib << 10)
		}
	}
	return 0
}
