package cells

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"dev.holdfast/bench/internal/machine"
	"dev.holdfast/bench/internal/process"
	"dev.holdfast/bench/internal/stats"
)

// results are the values of all rounds: by cell, target and figure.
type results map[string]map[string]map[string][]float64

func (r results) add(cell, target string, round values) {
	if r[cell] == nil {
		r[cell] = map[string]map[string][]float64{}
	}
	if r[cell][target] == nil {
		r[cell][target] = map[string][]float64{}
	}
	for name, value := range round {
		r[cell][target][name] = append(r[cell][target][name], value)
	}
}

// median of a figure; false if it was not measured.
func (r results) median(cell, target, figure string) (float64, bool) {
	rounds := r[cell][target][figure]
	if len(rounds) == 0 {
		return 0, false
	}
	return stats.Median(rounds), true
}

func (s *Suite) printCell(out io.Writer, c cell) {
	fmt.Fprintf(out, "%-28s", c.name)
	targets := s.targetsOf(c)
	for _, t := range targets {
		fmt.Fprintf(out, columnOf(t), t.Name)
	}
	fmt.Fprintln(out)
	for _, figure := range c.rows {
		fmt.Fprintf(out, "  %-26s", figure)
		for _, t := range targets {
			text := "-"
			if value, ok := s.results.median(c.name, t.Name, figure); ok {
				text = Written(value)
			}
			fmt.Fprintf(out, columnOf(t), text)
		}
		fmt.Fprintln(out)
	}
}

// columnOf is the format of a column, wide enough for names with a mode.
func columnOf(t *process.Target) string { return fmt.Sprintf("%%%ds", max(14, len(t.Name)+2)) }

// Written is a figure as the tables show it.
func Written(value float64) string {
	switch {
	case value >= 1e8:
		return fmt.Sprintf("%.0f M", value/1e6)
	case value >= 1000:
		return fmt.Sprintf("%.0f", value)
	default:
		return fmt.Sprintf("%.3f", value)
	}
}

// goal is one line of the targets: a figure of Holdfast against a bound, absolute or a ratio to a rival.
type goal struct {
	cell, figure string
	rival        string // empty: absolute; "direct": what is added; "off": the same with resume.mode off
	least, most  float64
}

func goals() []goal {
	var all []goal
	for _, load := range []string{"events", "ping-pong"} {
		all = append(all,
			goal{cell: load + " 64B", figure: PerCPU, rival: "haproxy", least: 1},
			goal{cell: load + " 64B", figure: PerCPU, rival: "nginx", least: 0.75},
			goal{cell: load + " 1KiB", figure: PerCPU, rival: "haproxy", least: 1},
			goal{cell: load + " 1KiB", figure: PerCPU, rival: "nginx", least: 1.4},
			goal{cell: load + " 1KiB", figure: PerCPU, rival: "nginx-stock", least: 1.4})
	}
	for _, size := range []string{" 64B", " 1KiB"} {
		all = append(all, goal{cell: overhead + size, figure: PerCPU, rival: "off", least: 0.85})
	}
	return append(all,
		goal{cell: "latency", figure: p50, rival: "direct", most: 0.15},
		goal{cell: "latency", figure: p99, rival: "direct", most: 2},
		goal{cell: "memory", figure: rss, most: 20 * 1024},
		goal{cell: "http requests", figure: PerCPU, rival: "nginx", least: 0.5},
		goal{cell: "http download", figure: PerCPU, rival: "nginx", least: 0.7},
		goal{cell: "http upload", figure: PerCPU, rival: "nginx", least: 0.7})
}

// verdict is a goal held against one target.
type verdict struct {
	Target string  `json:"target"`
	Goal   string  `json:"goal"`
	Value  float64 `json:"value"`
	Word   string  `json:"verdict"` // met, MISSED, or why the run cannot tell
}

// against is the rival that the goal means for that target.
func (g goal) against(target string) string {
	if g.rival != "off" {
		return g.rival
	}
	return target[:strings.LastIndexByte(target, '-')+1] + g.rival
}

func (g goal) judge(r results, target string) (verdict, bool) {
	value, ok := r.median(g.cell, target, g.figure)
	if !ok || target == g.against(target) {
		return verdict{}, false
	}
	text, word := g.cell+", "+g.figure, ""
	if g.rival != "" {
		other, ok := r.median(g.cell, g.against(target), g.figure)
		if !ok {
			return verdict{}, false
		}
		if g.rival == "direct" {
			value -= other
			if other > g.most {
				word = fmt.Sprintf("not to be told: direct alone has %.3f", other)
			}
			text += " added to direct"
		} else {
			value /= other
			text += " / " + g.rival + "'s"
		}
	}
	if bytes, ok := r.median(g.cell, target, live); ok && g.figure == rss && bytes > value {
		word = "not to be told: the heap had room for the sessions before"
	}
	met, text := value >= g.least, fmt.Sprintf("%s >= %g", text, g.least)
	if g.most > 0 {
		met, text = value <= g.most, strings.Replace(text, ">= 0", fmt.Sprintf("<= %g", g.most), 1)
	}
	switch {
	case word != "":
	case met:
		word = "met"
	default:
		word = "MISSED"
	}
	return verdict{target, text, value, word}, true
}

// report prints the targets and the surroundings and keeps all rounds as JSON.
func (s *Suite) report() error {
	var verdicts []verdict
	fmt.Println("\ntargets")
	for _, g := range goals() {
		for _, t := range s.Targets {
			if v, ok := g.judge(s.results, t.Name); ok && strings.HasPrefix(t.Name, "holdfast") {
				verdicts = append(verdicts, v)
				fmt.Printf("  %-64s %-12s %9.3f  %s\n", v.Goal, t.Name, v.Value, v.Word)
			}
		}
	}
	around := s.surroundings()
	fmt.Println()
	for _, line := range around {
		fmt.Println(line)
	}
	return machine.Keep(s.Home, "", map[string]any{"surroundings": around, "verdicts": verdicts, "rounds": s.results})
}

// surroundings are versions, hardware and settings of the run.
func (s *Suite) surroundings() []string {
	var lines []string
	for _, t := range s.Targets {
		if t.Version != "" {
			kind := ""
			if t.Java != "" {
				kind = "JDK "
			}
			lines = append(lines, t.Name+": "+kind+t.Version)
		}
	}
	lines = append(lines, fmt.Sprintf("threads of each proxy: %d, proxies on CPUs: %q, rounds: %d of %v",
		s.Threads, s.Options.Pin, s.Rounds, s.scale.length))
	return append(lines, machine.Describe(s.Home)...)
}

func sortByName(proxies []process.Proxy) {
	order := []string{"nginx", "nginx-stock", "haproxy"}
	rank := func(p process.Proxy) int {
		if i := slices.Index(order, p.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(proxies, func(a, b process.Proxy) int { return rank(a) - rank(b) })
}

func contains(all []string, one string) bool { return slices.Contains(all, one) }
