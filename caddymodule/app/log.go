package app

import (
	"context"
	"log/slog"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap/exp/zapslog"
)

// currentLog writes to the log of whatever configuration runs now: the engine
// outlives the one that made it.
type currentLog struct{}

func handler() slog.Handler {
	return zapslog.NewHandler(caddy.Log().Core(), zapslog.WithName("doorward"), zapslog.AddStacktraceAt(slog.Level(127)))
}

// Enabled asks the current log.
func (currentLog) Enabled(ctx context.Context, level slog.Level) bool {
	return handler().Enabled(ctx, level)
}

// Handle writes to the current log.
func (currentLog) Handle(ctx context.Context, r slog.Record) error { return handler().Handle(ctx, r) }

// WithAttrs binds to the current log.
func (currentLog) WithAttrs(attrs []slog.Attr) slog.Handler { return handler().WithAttrs(attrs) }

// WithGroup binds to the current log.
func (currentLog) WithGroup(name string) slog.Handler { return handler().WithGroup(name) }

var _ slog.Handler = currentLog{}
