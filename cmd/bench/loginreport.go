//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// measureLogins measures logins on every kind of database, in this process:
// the services of authcore over a store of their own.
func measureLogins(ctx context.Context, s settings, dir string, r *report) error {
	list, end, err := kinds(dir)
	if err != nil {
		return err
	}
	defer end()
	for _, k := range list {
		if err := measureKind(ctx, s, k, r); err != nil {
			return fmt.Errorf("logins on %s: %w", k.name, err)
		}
	}
	return nil
}

func measureKind(ctx context.Context, s settings, k kind, r *report) (err error) {
	progress("logins on %s", k.name)
	count, err := countLogin(ctx, k.make("counted"))
	if err != nil {
		return err
	}
	var houses []*house
	defer func() {
		for _, h := range houses {
			err = errors.Join(err, h.store.Close())
		}
	}()
	for _, n := range s.devices {
		h, err := openFilled(ctx, k.make(fmt.Sprintf("devices%d", n)), n, crowd)
		if err != nil {
			return err
		}
		houses = append(houses, h)
		// Once each, which hashes a password, before anything is timed.
		if _, err := h.batch(ctx, crowd); err != nil {
			return err
		}
	}
	if err := r.login(ctx, s, k.name, count, houses[0]); err != nil {
		return err
	}
	return r.devices(ctx, s, k.name, houses)
}

// login adds what one login is, and what many at once are.
func (r *report) login(ctx context.Context, s settings, name string, count statements, h *house) error {
	var rest, hash []float64
	for i := range crowd {
		after, before, err := h.people[i].timeLogin(ctx, h.core)
		if err != nil {
			return err
		}
		rest, hash = append(rest, after.Seconds()*1e3), append(hash, before.Seconds()*1e3)
	}
	r.table("Logins on "+name, fmt.Sprintf(`A login makes %d statements in %d transactions. Apart from the password hash it takes %.2f ms,
the median of %d whole logins, each less what lay between its first and its second transaction, where
nothing but the hash is; the hash takes %.1f ms. "Without the hash" repeats the statements around
the hash and checks a code each time. Hashes run on half of the cores and have a short queue, as
in the gateway; who finds it full waits for two seconds, as he is told.`,
		count.statements, count.transactions, median(rest), len(rest), median(hash)),
		"users in parallel", "logins/s without the hash", "logins/s with it", "asked to come again, 1/s")
	for _, n := range parallels {
		p, err := h.inParallel(ctx, n, s.length)
		if err != nil {
			return err
		}
		r.row(fmt.Sprint(n), fmt.Sprintf("%.0f", p.hashless), fmt.Sprintf("%.1f", p.whole), fmt.Sprintf("%.1f", p.refused))
	}
	return nil
}

// devices compares the stores in paired rounds; the first is the base.
func (r *report) devices(ctx context.Context, s settings, name string, houses []*house) error {
	taken, ratios := make([][]float64, len(houses)), make([][]float64, len(houses))
	progress("logins beside many devices")
	for range s.rounds {
		for i := 1; i < len(houses); i++ {
			base, err := houses[0].batch(ctx, s.logins)
			if err != nil {
				return err
			}
			other, err := houses[i].batch(ctx, s.logins)
			if err != nil {
				return err
			}
			taken[0], taken[i] = append(taken[0], base), append(taken[i], other)
			ratios[i] = append(ratios[i], other/base)
		}
	}
	r.table("Logins on "+name+" beside many devices",
		fmt.Sprintf("A login without the hash, medians of %d in each round, in a store that has so many more devices, five to a user.", s.logins),
		"devices in the store", "ms", "ratio")
	r.row(thousands(s.devices[0]), fmt.Sprintf("%.3f", median(taken[0])), "1")
	for i := 1; i < len(houses); i++ {
		ratio := median(ratios[i])
		r.row(thousands(s.devices[i]), fmt.Sprintf("%.3f", median(taken[i])), fmt.Sprintf("%.3f", ratio))
		r.ratioBar(fmt.Sprintf("a login on %s beside %s devices over %s", name, thousands(s.devices[i]), thousands(s.devices[0])), ratio, 1.10)
	}
	return nil
}

// thousands groups the digits of a number.
func thousands(n int) string {
	digits := fmt.Sprint(n)
	var groups []string
	for ; len(digits) > 3; digits = digits[:len(digits)-3] {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
	}
	return strings.Join(append([]string{digits}, groups...), " ")
}
