package leaks

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dev.holdfast/bench/internal/cluster"
	"dev.holdfast/bench/internal/process"
)

// objects are the live ones of a JVM: their count by class.
type objects map[string]int

// objects lets the node's JVM collect its garbage and counts what is left.
func objectsOf(n *cluster.Node) (objects, error) {
	out, err := process.Jcmd(n.Proxy.Java, n.Process.Process.Pid, "GC.class_histogram")
	if err != nil {
		return nil, fmt.Errorf("node %s: jcmd: %w", n.Name, err)
	}
	return readObjects(out), nil
}

// lambda ends the name of a class for its lambdas.
const lambda = "$$Lambda"

var enumLine = regexp.MustCompile(`(?m)--(\S+?)/`)

// enums are the classes of the JVM whose objects are constants, which are made when they are first used.
func enumsOf(n *cluster.Node) (map[string]bool, error) {
	out, err := process.Jcmd(n.Proxy.Java, n.Process.Process.Pid, "VM.class_hierarchy", "-s", "java.lang.Enum")
	all := map[string]bool{}
	for _, found := range enumLine.FindAllSubmatch(out, -1) {
		all[string(found[1])] = true
	}
	return all, err
}

var (
	objectsLine = regexp.MustCompile(`^ *\d+: +(\d+) +\d+ +(\S+)`)
	lambdaName  = regexp.MustCompile(`\$\$Lambda.*`)
)

// readObjects reads a class histogram. All lambdas of a class are one, "NAME$$Lambda": they have other names in each process. The first
// instance of each of them does not count: if it captures nothing, there is always one.
func readObjects(histogram []byte) objects {
	all := objects{}
	for _, line := range strings.Split(string(bytes.TrimSpace(histogram)), "\n") {
		found := objectsLine.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		count, _ := strconv.Atoi(found[1])
		name := found[2]
		if at := lambdaName.FindStringIndex(name); at != nil {
			name, count = name[:at[0]]+lambda, count-1
		}
		all[name] += count
	}
	return all
}

// atLeast are the smaller counts of both: what is kept is in each.
func (o objects) atLeast(other objects) objects {
	if o == nil {
		return other
	}
	least := objects{}
	for name, count := range o {
		if low := min(count, other[name]); low > 0 {
			least[name] = low
		}
	}
	return least
}

// atMost are the larger counts of both.
func (o objects) atMost(other objects) objects {
	most := objects{}
	for _, each := range []objects{o, other} {
		for name, count := range each {
			most[name] = max(most[name], count)
		}
	}
	return most
}

// growing are the classes that have so many more objects than before.
func (o objects) growing(before objects, by int) []string {
	var all []string
	for name, count := range o {
		if count-before[name] >= by {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}
