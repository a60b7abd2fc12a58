package stats

import (
	"fmt"
	"math"
)

// What decides a comparison: the least ratio that is not slower, and how precisely it has to be known.
const (
	leastRatio    = 0.97
	mostHalfWidth = 0.03
	FewestPairs   = 8 // fewer may agree by chance
	MostPairs     = 60
)

// Estimate is the geometric mean of ratios and its 95 % confidence interval, by Student's t distribution of their logarithms.
type Estimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// EstimateOf takes ratios that do not depend on each other; one alone has no interval.
func EstimateOf(ratios []float64) Estimate {
	n, sum, squares := float64(len(ratios)), 0.0, 0.0
	for _, r := range ratios {
		sum += math.Log(r)
	}
	for _, r := range ratios {
		squares += math.Pow(math.Log(r)-sum/n, 2)
	}
	half := studentT(0.95, len(ratios)-1) * math.Sqrt(squares/(n-1)/n)
	return Estimate{math.Exp(sum / n), math.Exp(sum/n - half), math.Exp(sum/n + half)}
}

func (e Estimate) halfWidth() float64 { return (e.High - e.Low) / 2 }

func (e Estimate) precise() bool { return e.halfWidth() <= mostHalfWidth }

// Enough says whether that many ratios decide, or are as many as there may be.
func (e Estimate) Enough(ratios, most int) bool {
	return ratios >= most || ratios >= FewestPairs && e.precise()
}

// Verdict of an estimate that is not precise is slower only if all of it is.
func (e Estimate) Verdict() string {
	switch {
	case e.precise() && e.Mean >= leastRatio:
		return "not slower"
	case e.precise() || e.High < leastRatio:
		return Slower
	default:
		return "undecided"
	}
}

// Slower is the verdict that fails a comparison.
const Slower = "slower"

func (e Estimate) String() string { return fmt.Sprintf("%.3f ± %.3f", e.Mean, e.halfWidth()) }

// studentT is the t that the absolute value of a variable of that distribution does not exceed with that probability.
func studentT(probability float64, freedom int) float64 {
	low, high := 0.0, 1e6
	for i := 0; i < 60; i++ {
		if middle := (low + high) / 2; studentWithin(middle, freedom) < probability {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// studentWithin is the probability of an absolute value of t at most: Abramowitz and Stegun, 26.7.3 and 26.7.4.
func studentWithin(t float64, freedom int) float64 {
	angle := math.Atan(t / math.Sqrt(float64(freedom)))
	odd := freedom%2 == 1
	sum, term, k := 0.0, 1.0, 2
	if odd {
		term, k = math.Cos(angle), 3
	}
	for ; k <= freedom; k += 2 {
		sum += term
		term *= math.Pow(math.Cos(angle), 2) * float64(k-1) / float64(k)
	}
	if odd {
		return 2 / math.Pi * (angle + math.Sin(angle)*sum)
	}
	return math.Sin(angle) * sum
}
