//go:build linux

package main

import (
	"context"
	"debug/buildinfo"
	"os"
	"time"
)

const starts = 15

// startTimes is how long each of several starts takes, from exec to the first
// answer of the app through the site; the token must be good there.
func startTimes(ctx context.Context, program, home, config, site, token string, sites map[string]string) ([]float64, error) {
	var milliseconds []float64
	for range starts {
		begun := time.Now()
		g, err := startGateway(ctx, program, home, config, sites)
		if err != nil {
			return nil, err
		}
		err = g.awaitSite(ctx, site, token)
		milliseconds = append(milliseconds, time.Since(begun).Seconds()*1e3)
		g.stop()
		if err != nil {
			return nil, err
		}
	}
	return milliseconds, nil
}

// megabytes is the size of a file.
func megabytes(file string) (float64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()) / 1e6, nil
}

// versions are those of Go and Caddy that a binary was built with.
func versions(file string) (goVersion, caddy string, err error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/caddyserver/caddy/v2" {
			caddy = d.Version
		}
	}
	return info.GoVersion, caddy, nil
}
