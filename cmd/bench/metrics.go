//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// heap is what a Caddy has allocated since it started, by its own count.
type heap struct{ objects, bytes float64 }

// admin talks to Caddy's admin endpoint on a socket.
func admin(socket string) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
}

func readHeap(ctx context.Context, client *http.Client) (heap, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/metrics", nil)
	if err != nil {
		return heap{}, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return heap{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return heap{}, err
	}
	objects, err := metric(string(text), "go_memstats_mallocs_total")
	bytes, err2 := metric(string(text), "go_memstats_alloc_bytes_total")
	return heap{objects, bytes}, errors.Join(err, err2)
}

// metric reads one value of the Prometheus text format.
func metric(text, name string) (float64, error) {
	_, rest, found := strings.Cut("\n"+text, "\n"+name+" ")
	if !found {
		return 0, fmt.Errorf("no %s in the metrics of Caddy", name)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return strconv.ParseFloat(value, 64)
}
