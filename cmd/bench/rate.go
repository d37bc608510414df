//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// atRate sends requests at a fixed rate over keep-alive connections, whether or
// not the earlier ones are answered, and gives how long each took from the
// moment it was due: what a slow answer holds up counts too. wrk, which waits
// for an answer before it asks again, can't show that.
func atRate(ctx context.Context, address, token string, perSecond, connections int, length time.Duration) ([]time.Duration, error) {
	total := int(length.Seconds() * float64(perSecond))
	due := make(chan time.Time, total)
	taken := make([][]time.Duration, connections)
	failures := make([]error, connections)
	var workers sync.WaitGroup
	for i := range connections {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			close(due)
			return nil, err
		}
		defer conn.Close()
		workers.Go(func() { taken[i], failures[i] = ask(conn, address, token, due) })
	}
	pace(ctx, due, total, time.Second/time.Duration(perSecond))
	close(due)
	workers.Wait()
	var all []time.Duration
	for _, t := range taken {
		all = append(all, t...)
	}
	return all, errors.Join(append(failures, context.Cause(ctx))...)
}

// pace says when each request is due. Go's timers may be a millisecond late when
// nothing else runs, which is more than an answer takes: a thread of its own
// sleeps in the kernel instead.
func pace(ctx context.Context, due chan<- time.Time, total int, every time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := time.Now()
	for n := 0; n < total && ctx.Err() == nil; n++ {
		at := start.Add(time.Duration(n) * every)
		for wait := time.Until(at); wait > 0; wait = time.Until(at) {
			pause := syscall.NsecToTimespec(wait.Nanoseconds())
			_ = syscall.Nanosleep(&pause, nil) // interrupted: it sleeps the rest
		}
		due <- at
	}
}

func ask(conn net.Conn, address, token string, due <-chan time.Time) (taken []time.Duration, err error) {
	request := []byte("GET / HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nAccept-Language: en\r\nAuthorization: Bearer " + token + "\r\n\r\n")
	answers := bufio.NewReader(conn)
	for at := range due {
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			return nil, errors.Join(fmt.Errorf("the site answers %s", answer.Status), err)
		}
		taken = append(taken, time.Since(at))
	}
	return taken, nil
}

// fixedRate is one paired round at a fixed rate.
type fixedRate struct{ base, other []time.Duration }

const rate = 2000

func fixedRates(ctx context.Context, n int, length time.Duration, g *gateway, token string) ([]fixedRate, error) {
	var rounds []fixedRate
	for range n {
		base, err := atRate(ctx, g.sites["base"], token, rate, 32, length)
		if err != nil {
			return nil, err
		}
		other, err := atRate(ctx, g.sites["doorward"], token, rate, 32, length)
		if err != nil {
			return nil, err
		}
		rounds = append(rounds, fixedRate{base, other})
	}
	return rounds, nil
}

// milliseconds is the median over rounds of a percentile; ratio that of the
// pairs' ratios.
func (r fixedRate) milliseconds(base bool, share float64) float64 {
	values := r.other
	if base {
		values = r.base
	}
	return percentile(values, share).Seconds() * 1e3
}
