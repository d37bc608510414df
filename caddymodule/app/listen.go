package app

import (
	"context"

	"github.com/doorward/doorward/authcore"
)

// listen has the channels whose answers come by a way of their own bring them, as long as
// the configuration lives. A channel may be there by several names.
func (a *App) listen() {
	for _, channel := range a.channels {
		if l, listens := channel.(authcore.Listener); listens {
			go l.Listen(a.ctx, a.take)
		}
	}
}

// take says that an answer was dealt with, whatever it was, unless the store was away. Who
// brought it is not known: it proves itself.
func (a *App) take(ctx context.Context, answer string) error {
	core, err := a.Core(ctx)
	if err == nil {
		_, err = core.Devices.Answer(ctx, answer, authcore.Origin{})
	}
	if authcore.CodeOf(err) == authcore.CodeUnavailable || ctx.Err() != nil {
		return authcore.Unavailable(err)
	}
	return nil
}
