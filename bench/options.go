package main

import "strings"

// options are what all trials have in common.
type options struct {
	home    string
	jar     string
	only    words
	also    words
	proxies string
	rounds  int
	threads int
	seconds float64
	pin     string
	smoke   bool
	profile bool
}

// words is a flag that can be given several times.
type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(value string) error {
	*w = append(*w, value)
	return nil
}

func (o options) selects(cell string) bool {
	for _, words := range o.only {
		all := true
		for _, word := range strings.Split(words, ",") {
			all = all && strings.Contains(cell, word)
		}
		if all {
			return true
		}
	}
	return len(o.only) == 0
}

func (o options) asks(name string) bool {
	for _, wanted := range strings.Split(o.proxies, ",") {
		if name == wanted || strings.HasPrefix(name, "holdfast") && strings.HasPrefix(name, wanted) {
			return true
		}
	}
	return false
}

// adminToken is what the admin API of each node asks for.
const adminToken = "a token of the benchmarks"
