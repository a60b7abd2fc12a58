package stats

import (
	"math"
	"math/rand"
	"testing"

	"dev.holdfast/bench/internal/bound"
)

func TestStudentTIsThatOfTheTables(t *testing.T) {
	for freedom, want := range map[int]float64{1: 12.706, 2: 4.303, 3: 3.182, 7: 2.365, 10: 2.228, 29: 2.045, 59: 2.001} {
		if got := studentT(0.95, freedom); math.Abs(got-want) > 0.0005 {
			t.Errorf("%d degrees of freedom: %.4f instead of %.3f", freedom, got, want)
		}
	}
}

func TestAnEstimateIsTheGeometricMeanWithItsInterval(t *testing.T) {
	e := EstimateOf([]float64{0.5, 1, 2})

	// logarithms -ln 2, 0, ln 2: their standard error is ln 2 / √3, and t is 4.303
	high := math.Exp(4.3027 * math.Ln2 / math.Sqrt(3))
	if math.Abs(e.Mean-1) > 1e-9 || math.Abs(e.High-high) > 0.001 || math.Abs(e.Low-1/high) > 0.001 {
		t.Errorf("%+v", e)
	}
}

func TestEqualRatiosHaveAnIntervalWithoutWidth(t *testing.T) {
	if e := EstimateOf([]float64{0.9, 0.9, 0.9}); math.Abs(e.Mean-0.9) > 1e-9 || e.halfWidth() > 1e-9 {
		t.Errorf("%+v", e)
	}
}

func TestVerdictNeedsAPreciseRatio(t *testing.T) {
	for _, c := range []struct {
		estimate Estimate
		want     string
	}{
		{Estimate{1, 0.98, 1.02}, "not slower"},
		{Estimate{0.97, 0.941, 1.0}, "not slower"},
		{Estimate{0.969, 0.95, 0.99}, "slower"},
		{Estimate{1, 0.96, 1.04}, "undecided"},
		{Estimate{0.95, 0.9, 1}, "undecided"},
		{Estimate{0.8, 0.75, 0.86}, "slower"},
	} {
		if got := c.estimate.Verdict(); got != c.want {
			t.Errorf("%v: %s instead of %s", c.estimate, got, c.want)
		}
	}
}

func TestPairsGoOnUntilTheIntervalIsNarrow(t *testing.T) {
	narrow, wide := Estimate{1, 0.99, 1.01}, Estimate{1, 0.9, 1.1}
	for _, c := range []struct {
		estimate Estimate
		ratios   int
		want     bool
	}{
		{narrow, FewestPairs - 1, false},
		{narrow, FewestPairs, true},
		{wide, FewestPairs, false},
		{wide, MostPairs - 1, false},
		{wide, MostPairs, true},
	} {
		if got := c.estimate.Enough(c.ratios, MostPairs); got != c.want {
			t.Errorf("%v after %d: %v", c.estimate, c.ratios, got)
		}
	}
}

func TestNineteenOfTwentyComparisonsHoldTheRatioInTheirInterval(t *testing.T) {
	for _, spread := range []float64{0.04, 0.08} { // of the logarithms
		random, held := rand.New(rand.NewSource(1)), 0
		const comparisons, truth = 500, 0.98
		for i := 0; i < comparisons; i++ {
			var e Estimate
			for ratios := []float64{}; !e.Enough(len(ratios), MostPairs); {
				ratios = append(ratios, truth*math.Exp(spread*random.NormFloat64()))
				e = EstimateOf(ratios)
			}
			held += bound.Count(e.Low <= truth && truth <= e.High)
		}
		if share := float64(held) / comparisons; share < 0.92 {
			t.Errorf("spread %g: %.3f", spread, share)
		}
	}
}
