//go:build linux

package main

import (
	"slices"
	"testing"
	"time"
)

func TestParseAnswers(t *testing.T) {
	const good = `Running 1s test @ http://127.0.0.1:1/
  1 threads and 32 connections
Requests/sec:  12000.00
bench: {"requests":12000,"microseconds":1000000,"p50":2500,"p99":7100,"refused":0,"broken":0}
`
	a, err := parseAnswers(good)
	if err != nil || a.perSecond() != 12000 || a.P50 != 2500 || a.P99 != 7100 {
		t.Errorf("got %+v, %v", a, err)
	}
	for name, out := range map[string]string{
		"no result": "Running 1s test @ http://127.0.0.1:1/\n",
		"cut off":   `bench: {"requests":12000,`,
		"refused":   `bench: {"requests":5,"microseconds":1,"refused":5}`,
		"broken":    `bench: {"requests":5,"microseconds":1,"broken":1}`,
		"nothing":   `bench: {"requests":0,"microseconds":1}`,
		"no time":   `bench: {"requests":5,"microseconds":0}`,
	} {
		if a, err := parseAnswers(out); err == nil {
			t.Errorf("%s: got %+v, want an error", name, a)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		before := slices.Clone(c.values)
		if got := median(c.values); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.values, got, c.want)
		}
		if !slices.Equal(before, c.values) {
			t.Errorf("median changed %v to %v", before, c.values)
		}
	}
}

func TestSplice(t *testing.T) {
	old := report{}
	old.head.WriteString("# Benchmarks\n\n")
	old.bar("a request", "1", "2", false)
	old.bar("an import", "3", "9", false)
	old.table("First", "note", "a", "b")
	old.table("Imports", "old", "a", "b")
	old.row("x", "1")
	old.table("Last", "", "a", "b")
	fresh := report{}
	fresh.bar("an import", "3", "1", true)
	fresh.bar("a new bar", "1", "1", true)
	fresh.table("Imports", "new", "a", "b")
	fresh.row("y", "2")
	want := report{}
	want.head.WriteString("# Benchmarks\n\n")
	want.bars = append(old.bars[:1:1], fresh.bars...)
	want.table("First", "note", "a", "b")
	want.table("Last", "", "a", "b")
	want.table("Imports", "new", "a", "b")
	want.row("y", "2")
	got := old.markdown()
	for range 2 { // the second time changes nothing
		var err error
		if got, err = splice(got, "Imports", &fresh); err != nil || got != want.markdown() {
			t.Fatalf("got %v\n%s\nwant\n%s", err, got, want.markdown())
		}
	}
	if _, err := splice("# Benchmarks\n", "Imports", &fresh); err == nil {
		t.Error("a section was put into nothing")
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	for _, c := range []struct {
		values []time.Duration
		share  float64
		want   time.Duration
	}{
		{nil, 0.5, 0},
		{[]time.Duration{7}, 0.99, 7},
		{hundred, 0.5, 50},
		{hundred, 0.99, 99},
		{hundred, 1, 100},
	} {
		if got := percentile(c.values, c.share); got != c.want {
			t.Errorf("percentile(%d values, %v) = %d, want %d", len(c.values), c.share, got, c.want)
		}
	}
}
