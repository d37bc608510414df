//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// bench is what runs while requests are measured.
type bench struct {
	settings
	dir, tokens, oneToken, token string
	doorward, stock              *gateway
	doorwardConfig, stockConfig  string
	app, auth                    *process
}

// measureRequests measures everything that needs a running gateway.
func measureRequests(ctx context.Context, s settings, dir string, wrk *wrk, r *report) error {
	b := &bench{settings: s, dir: dir, tokens: filepath.Join(dir, "tokens"), oneToken: filepath.Join(dir, "token")}
	database := filepath.Join(dir, "gateway.db")
	progress("making %d sessions", s.sessions)
	if err := mint(ctx, database, b.tokens, s.sessions); err != nil {
		return fmt.Errorf("making sessions: %w", err)
	}
	text, err := os.ReadFile(b.tokens)
	if err != nil {
		return err
	}
	b.token, _, _ = strings.Cut(string(text), "\n")
	if err := os.WriteFile(b.oneToken, []byte(b.token+"\n"), 0o600); err != nil {
		return err
	}
	defer b.stop()
	if err := b.configure(ctx, database); err != nil {
		return err
	}
	if err := b.startUp(ctx, r); err != nil {
		return err
	}
	if err := b.start(ctx); err != nil {
		return err
	}
	return b.measure(ctx, wrk, r)
}

// configure starts what stands beside the gateways, and writes their Caddyfiles.
func (b *bench) configure(ctx context.Context, database string) (err error) {
	var app, auth string
	if b.app, app, err = startServer(ctx, b.dir, "app"); err != nil {
		return err
	}
	if b.auth, auth, err = startServer(ctx, b.dir, "auth"); err != nil {
		return err
	}
	sites, err := addresses("base", "doorward", "forward_auth", "stock")
	if err != nil {
		return err
	}
	b.doorward = &gateway{sites: sites}
	b.stock = &gateway{sites: sites}
	b.doorwardConfig = doorwardCaddyfile(b.home("doorward"), database, app, auth, sites)
	b.stockConfig = stockCaddyfile(b.home("stock"), app, sites)
	return nil
}

func (b *bench) home(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) startUp(ctx context.Context, r *report) error {
	progress("start-up")
	ours, err := startTimes(ctx, b.caddy, b.home("doorward"), b.doorwardConfig, "doorward", b.token, b.doorward.sites)
	if err != nil {
		return err
	}
	stock, err := startTimes(ctx, b.settings.stock, b.home("stock"), b.stockConfig, "stock", b.token, b.stock.sites)
	if err != nil {
		return err
	}
	size, err := megabytes(b.caddy)
	if err != nil {
		return err
	}
	stockSize, err := megabytes(b.settings.stock)
	if err != nil {
		return err
	}
	r.startUp(median(ours), median(stock), size, stockSize)
	return nil
}

// start starts both gateways for good.
func (b *bench) start(ctx context.Context) (err error) {
	if b.doorward, err = startGateway(ctx, b.caddy, b.home("doorward"), b.doorwardConfig, b.doorward.sites); err != nil {
		return err
	}
	if b.stock, err = startGateway(ctx, b.settings.stock, b.home("stock"), b.stockConfig, b.stock.sites); err != nil {
		return err
	}
	for _, site := range []string{"base", "doorward", "forward_auth"} {
		if err := b.doorward.awaitSite(ctx, site, b.token); err != nil {
			return err
		}
	}
	return b.stock.awaitSite(ctx, "stock", b.token)
}

func (b *bench) stop() {
	processes := []*process{b.app, b.auth}
	for _, g := range []*gateway{b.doorward, b.stock} {
		if g != nil {
			processes = append(processes, g.process)
		}
	}
	for _, p := range processes {
		if p != nil {
			p.stop()
		}
	}
}

// measure puts requests through all of them.
func (b *bench) measure(ctx context.Context, wrk *wrk, r *report) error {
	base := target{b.doorward, "base"}
	gated := target{b.doorward, "doorward"}
	one := &requests{wrk: wrk, auth: b.auth, tokens: b.oneToken, length: b.length}
	idle, err := b.memories(false)
	if err != nil {
		return err
	}
	progress("one token")
	// One round that is not counted: connections, caches and the heap settle.
	if _, err := one.rounds(ctx, 1, base, gated); err != nil {
		return err
	}
	found, err := one.rounds(ctx, b.rounds, base, gated, target{b.doorward, "forward_auth"}, target{b.stock, "stock"})
	if err != nil {
		return err
	}
	progress("%d requests per second", rate)
	fixed, err := fixedRates(ctx, b.rounds, b.length, b.doorward, b.token)
	if err != nil {
		return err
	}
	many := &requests{wrk: wrk, auth: b.auth, tokens: b.tokens, length: b.length}
	progress("the first request of each token")
	first, err := many.firstSeen(ctx, b.rounds, b.sessions, base, gated)
	if err != nil {
		return err
	}
	progress("%d sessions in turn", b.sessions)
	turn, err := many.inTurn(ctx, b.rounds, b.sessions, b.length, base, gated)
	if err != nil {
		return err
	}
	highest, err := b.memories(true)
	if err != nil {
		return err
	}
	r.requests(b.sessions, found, turn, first)
	r.fixedRate(fixed)
	r.memory(idle, highest)
	return nil
}

// memories are those of the gateway and of stock Caddy, in MiB.
func (b *bench) memories(highest bool) ([2]float64, error) {
	ours, err := b.doorward.memory(highest)
	if err != nil {
		return [2]float64{}, err
	}
	stock, err := b.stock.memory(highest)
	return [2]float64{ours, stock}, err
}
