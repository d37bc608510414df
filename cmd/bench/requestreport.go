//go:build linux

package main

import (
	"fmt"
	"math"
)

// requests adds what wrk found. found is doorward with one token, forward_auth
// and stock Caddy, in this order.
func (r *report) requests(sessions int, found []comparison, turn, first comparison) {
	r.table("A request", "", "site", "requests/s", "p50 ms", "p99 ms", "CPU µs", "CPU ratio", "requests/s ratio", "p99 ratio", "allocations over base", "bytes over base")
	doorward, forward, stock := found[0], found[1], found[2]
	r.siteRow("base, one token", doorward, true)
	doorward.name = "doorward, one token"
	r.siteRow(doorward.name, doorward, false)
	r.siteRow("base, all tokens in turn", turn, true)
	r.siteRow(fmt.Sprintf("doorward, %d sessions in turn", sessions), turn, false)
	r.siteRow("base, before the next", first, true)
	r.siteRow(first.name, first, false)
	r.siteRow("forward_auth to a server that does nothing", forward, false)
	r.siteRow("stock Caddy, its own process", stock, false)
	withAuth := median(each(forward.pairs, func(p pair) float64 { return p.other.cpuWithAuth() / p.base.cpuMicros() }))
	fmt.Fprintf(&r.body, "\nThe CPU of forward_auth together with the server that it asks is %.2f of the base.\n", withAuth)

	objects, bytes := doorward.over(sample.objectsEach), doorward.over(sample.bytesEach)
	r.bar("allocations over base, one token", "12", fmt.Sprintf("%.1f", objects), math.Round(objects) <= 12)
	r.bar("bytes over base, one token", "1500", fmt.Sprintf("%.0f", bytes), bytes <= 1500)
	r.ratioBar("CPU over base, one token", doorward.ratio(sample.cpuMicros), 1.03)
	r.ratioBar(fmt.Sprintf("CPU over base, %d sessions", sessions), turn.ratio(sample.cpuMicros), 1.10)
	r.ratioBar("CPU of doorward over that of forward_auth and its server", doorward.ratio(sample.cpuMicros)/withAuth, 0.5)
}

func (r *report) ratioBar(what string, value, limit float64) {
	r.bar(what, fmt.Sprintf("%.2f", limit), fmt.Sprintf("%.3f", value), value <= limit)
}

// siteRow shows a site, or the base that it was paired with.
func (r *report) siteRow(name string, c comparison, base bool) {
	samples := c.samples(base)
	middle := func(number func(sample) float64) float64 { return median(each(samples, number)) }
	p99 := func(s sample) float64 { return s.P99 / 1e3 }
	row := []string{
		name,
		fmt.Sprintf("%.0f", middle(func(s sample) float64 { return s.perSecond() })),
		fmt.Sprintf("%.2f", middle(func(s sample) float64 { return s.P50 / 1e3 })),
		fmt.Sprintf("%.2f", middle(p99)),
		fmt.Sprintf("%.1f", middle(sample.cpuMicros)),
	}
	if base {
		row = append(row, "1", "1", "1",
			fmt.Sprintf("(%.0f in all)", middle(sample.objectsEach)), fmt.Sprintf("(%.0f in all)", middle(sample.bytesEach)))
	} else {
		row = append(row,
			fmt.Sprintf("%.3f", c.ratio(sample.cpuMicros)),
			fmt.Sprintf("%.3f", c.ratio(func(s sample) float64 { return s.perSecond() })),
			fmt.Sprintf("%.3f", c.ratio(p99)),
			fmt.Sprintf("%+.1f", c.over(sample.objectsEach)), fmt.Sprintf("%+.0f", c.over(sample.bytesEach)))
	}
	r.row(row...)
}

// fixedRate adds what the fixed rate found.
func (r *report) fixedRate(rounds []fixedRate) {
	r.table(fmt.Sprintf("At %d requests per second", rate),
		"One token, 32 connections, each answer timed from the moment its request was due.",
		"site", "p50 ms", "p99 ms", "p50 ratio", "p99 ratio")
	middle := func(base bool, share float64) string {
		return fmt.Sprintf("%.3f", median(each(rounds, func(f fixedRate) float64 { return f.milliseconds(base, share) })))
	}
	ratio := func(share float64) float64 {
		return median(each(rounds, func(f fixedRate) float64 { return f.milliseconds(false, share) / f.milliseconds(true, share) }))
	}
	r.row("base", middle(true, 0.5), middle(true, 0.99), "1", "1")
	r.row("doorward", middle(false, 0.5), middle(false, 0.99), fmt.Sprintf("%.3f", ratio(0.5)), fmt.Sprintf("%.3f", ratio(0.99)))
	r.ratioBar(fmt.Sprintf("p99 over base at %d requests per second", rate), ratio(0.99), 1.05)
}

// memory adds the resident sets: of the gateway and of stock Caddy, in MiB.
func (r *report) memory(idle, highest [2]float64) {
	r.table("Memory", "Resident set. The highest is that of the whole run, which ends with all sessions in turn; stock Caddy served only its own site.",
		"process", "started, MiB", "highest, MiB")
	r.row("with doorward", fmt.Sprintf("%.0f", idle[0]), fmt.Sprintf("%.0f", highest[0]))
	r.row("stock Caddy", fmt.Sprintf("%.0f", idle[1]), fmt.Sprintf("%.0f", highest[1]))
	r.bar("highest resident set, MiB", "256", fmt.Sprintf("%.0f", highest[0]), highest[0] < 256)
}

func (r *report) startUp(ours, stock, size, stockSize float64) {
	r.table("Start-up and size", fmt.Sprintf("From exec to the first answer of the app, median of %d starts: with doorward through its site, with a token that is good; with stock Caddy through a bare reverse_proxy.", starts),
		"binary", "start, ms", "size, MB")
	r.row("with doorward", fmt.Sprintf("%.0f", ours), fmt.Sprintf("%.1f", size))
	r.row("stock Caddy", fmt.Sprintf("%.0f", stock), fmt.Sprintf("%.1f", stockSize))
}
