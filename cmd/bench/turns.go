//go:build linux

package main

import (
	"context"
	"fmt"
	"time"
)

// firstSeen measures the first request of each token, in rounds of a second:
// no token is shown to doorward twice. It ends early when the tokens do.
func (r *requests) firstSeen(ctx context.Context, n, all int, base, other target) (comparison, error) {
	r.first, r.length = 0, time.Second
	c := comparison{name: "doorward, first request of each token"}
	for range n {
		p, err := r.compare(ctx, base, other)
		if err != nil {
			return c, err
		}
		if r.first+p.other.Requests > all {
			return c, fmt.Errorf("%d sessions are too few: doorward answers more in %s", all, r.length)
		}
		c.pairs = append(c.pairs, p)
		r.advance(p.other.Requests, all)
		// The next round may be faster by half.
		if r.first+p.other.Requests*3/2 > all {
			break
		}
	}
	return c, nil
}

// inTurn measures all tokens in turn, when each was seen before.
func (r *requests) inTurn(ctx context.Context, n, all int, length time.Duration, base, other target) (comparison, error) {
	r.length = length
	for seen := r.first; seen < all; { // the tokens that firstSeen left
		s, err := r.measure(ctx, other)
		if err != nil {
			return comparison{}, err
		}
		seen += s.Requests
		r.advance(s.Requests, all)
	}
	c := comparison{name: "doorward, sessions in turn"}
	for range n {
		p, err := r.compare(ctx, base, other)
		if err != nil {
			return c, err
		}
		c.pairs = append(c.pairs, p)
		r.advance(p.other.Requests, all)
	}
	return c, nil
}

// ratio is the median of a number of the other site over that of the base.
func (c comparison) ratio(number func(sample) float64) float64 {
	return median(each(c.pairs, func(p pair) float64 { return number(p.other) / number(p.base) }))
}

// over is the median of what the other site has of a number beyond the base.
func (c comparison) over(number func(sample) float64) float64 {
	return median(each(c.pairs, func(p pair) float64 { return number(p.other) - number(p.base) }))
}

// samples are those of the other site, or of the base.
func (c comparison) samples(base bool) (list []sample) {
	for _, p := range c.pairs {
		if base {
			list = append(list, p.base)
		} else {
			list = append(list, p.other)
		}
	}
	return list
}
