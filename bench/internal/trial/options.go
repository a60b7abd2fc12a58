package trial

import "strings"

// Options are what all trials have in common.
type Options struct {
	Home    string
	Jar     string
	Only    Words
	Also    Words
	Proxies string
	Rounds  int
	Threads int
	Seconds float64
	Pin     string
	Smoke   bool
	Profile bool
}

// Words is a flag that can be given several times.
type Words []string

// String implements flag.Value.
func (w *Words) String() string { return strings.Join(*w, " ") }

// Set implements flag.Value.
func (w *Words) Set(value string) error {
	*w = append(*w, value)
	return nil
}

// Selects says whether that cell is to be run.
func (o Options) Selects(cell string) bool {
	for _, words := range o.Only {
		all := true
		for _, word := range strings.Split(words, ",") {
			all = all && strings.Contains(cell, word)
		}
		if all {
			return true
		}
	}
	return len(o.Only) == 0
}

// Asks says whether that proxy is to be measured.
func (o Options) Asks(name string) bool {
	for _, wanted := range strings.Split(o.Proxies, ",") {
		if name == wanted || strings.HasPrefix(name, "holdfast") && strings.HasPrefix(name, wanted) {
			return true
		}
	}
	return false
}

// AdminToken is what the admin API of each node asks for.
const AdminToken = "a token of the benchmarks"
