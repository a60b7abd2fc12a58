package metrics

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Scrape reads the values of /metrics by name with its labels, and by name alone the sum over all labels.
func Scrape(admin string) (map[string]float64, error) {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get("http://" + admin + "/metrics")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for _, line := range strings.Split(string(body), "\n") {
		at := strings.LastIndexByte(line, ' ')
		if at < 0 || line[0] == '#' {
			continue
		}
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			continue
		}
		name, labels, labelled := strings.Cut(line[:at], "{")
		if labelled {
			all[name+"{"+labels] = value
		}
		all[name] += value
	}
	return all, nil
}

// Balance checks Holdfast's own ledger: events accepted are delivered, merged, waiting, or given up.
func Balance(admin string) error {
	m, err := Scrape(admin)
	if err != nil {
		return err
	}
	accepted := m["holdfast_events_accepted_total"]
	delivered, waiting := m["holdfast_events_delivered_total"], m["holdfast_events_waiting"]
	givenUp, merged := m["holdfast_events_given_up_total"], m["holdfast_events_merged_total"]
	if accepted != delivered+merged+waiting+givenUp {
		return fmt.Errorf("the ledger of /metrics: %.0f accepted, %.0f delivered, %.0f merged, %.0f waiting, %.0f given up",
			accepted, delivered, merged, waiting, givenUp)
	}
	return nil
}
