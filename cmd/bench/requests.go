//go:build linux

package main

import (
	"context"
	"errors"
	"time"
)

// A sample is one run of wrk against one site.
type sample struct {
	answers
	cpu, auth      time.Duration // of the gateway; of the server that forward_auth asks
	objects, bytes float64       // allocated by the gateway
}

func (s sample) cpuMicros() float64 {
	return float64(s.cpu.Nanoseconds()) / 1e3 / float64(s.Requests)
}

func (s sample) cpuWithAuth() float64 {
	return s.cpuMicros() + float64(s.auth.Nanoseconds())/1e3/float64(s.Requests)
}
func (s sample) objectsEach() float64 { return s.objects / float64(s.Requests) }
func (s sample) bytesEach() float64   { return s.bytes / float64(s.Requests) }

// A pair is a site and, just before it, the base with the same requests.
type pair struct{ base, other sample }

// target is a site of a gateway.
type target struct {
	*gateway
	site string
}

// comparison is all rounds of one site against the base.
type comparison struct {
	name  string
	pairs []pair
}

// requests is what wrk asks: the tokens of a file in turn.
type requests struct {
	wrk    *wrk
	auth   *process
	tokens string
	first  int // the number of the next one, less one
	length time.Duration
}

// compare is one paired round: both get the same tokens.
func (r *requests) compare(ctx context.Context, base, other target) (pair, error) {
	b, err := r.measure(ctx, base)
	if err != nil {
		return pair{}, err
	}
	o, err := r.measure(ctx, other)
	return pair{b, o}, err
}

func (r *requests) measure(ctx context.Context, t target) (s sample, err error) {
	cpu, auth, before, err := r.read(ctx, t)
	if err != nil {
		return s, err
	}
	if s.answers, err = r.wrk.run(ctx, t.sites[t.site], r.tokens, r.first, r.length); err != nil {
		return s, errors.Join(errors.New("the site "+t.site), err, errors.New(t.lastWords()))
	}
	cpuAfter, authAfter, after, err := r.read(ctx, t)
	s.cpu, s.auth = cpuAfter-cpu, authAfter-auth
	s.objects, s.bytes = after.objects-before.objects, after.bytes-before.bytes
	return s, err
}

func (r *requests) read(ctx context.Context, t target) (cpu, auth time.Duration, h heap, err error) {
	h, err = readHeap(ctx, t.admin)
	cpu, err2 := t.cpu()
	auth, err3 := r.auth.cpu()
	return cpu, auth, h, errors.Join(err, err2, err3)
}

// advance goes on after the tokens that a run has shown; those in flight when
// it ended are counted too.
func (r *requests) advance(by, all int) {
	r.first = (r.first + by + r.wrk.connections) % all
}

// rounds measures every target, each time just after the base: what the machine
// does meanwhile meets both.
func (r *requests) rounds(ctx context.Context, n int, base target, others ...target) ([]comparison, error) {
	found := make([]comparison, len(others))
	for range n {
		for i, other := range others {
			p, err := r.compare(ctx, base, other)
			if err != nil {
				return nil, err
			}
			found[i].name = other.site
			found[i].pairs = append(found[i].pairs, p)
		}
	}
	return found, nil
}
