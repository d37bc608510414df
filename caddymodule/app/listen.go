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
	return a.dealt(ctx, err)
}

// dealt says whether there is nothing more to do about an answer that err came of. A defect
// would come again with the answer, and is for the operator to see: nobody else asked.
func (a *App) dealt(ctx context.Context, err error) error {
	switch code := authcore.CodeOf(err); {
	case code == authcore.CodeUnavailable || ctx.Err() != nil:
		return authcore.Unavailable(err)
	case err != nil && code == authcore.CodeInternal:
		a.log.Error("the answer of a device is lost, by a defect", "error", err)
	}
	return nil
}
