package stomp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/go-stomp/stomp/v3/frame"

	"github.com/doorward/doorward/authcore"
)

// redelivery is how long an answer waits that could not be taken, before the broker has it
// back for this node or another.
const redelivery = time.Second

var errUnacknowledged = errors.New("an answer could not be acknowledged in time")

type takeFunc = func(ctx context.Context, answer string) error

// Listen subscribes to the answers, again whenever the connection ends.
func (s *Stomp) Listen(ctx context.Context, take func(ctx context.Context, answer string) error) {
	away := false
	for ctx.Err() == nil {
		err := s.listen(ctx, take, func() {
			if away {
				s.log.Info("the broker is back")
			}
			away = false
		})
		if ctx.Err() != nil {
			return
		}
		if !away {
			s.log.Error("the broker is away, devices that listen there can't be asked and can't answer: " + err.Error())
		}
		away = true
		wait(ctx, firstPause)
	}
}

// listen returns when the connection has ended, or ctx, and says why.
func (s *Stomp) listen(ctx context.Context, take takeFunc, stands func()) error {
	dialling, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	c, err := s.connection(dialling)
	if err != nil {
		return err
	}
	subscribe := frame.New(frame.SUBSCRIBE, frame.Id, "answers", frame.Destination, s.reply,
		frame.Ack, frame.AckClientIndividual, "prefetch-count", strconv.Itoa(prefetch))
	receipt, forget := c.ask(subscribe)
	defer forget()
	if err := c.write(dialling, subscribe); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.gone:
			if receipt != nil {
				s.link.lost(c.err)
			}
			return fmt.Errorf("broker %s: %w", s.address, c.err)
		case <-receipt:
			receipt = nil // said once
			s.link.stands()
			stands()
		case m := <-c.messages:
			if err := s.deal(ctx, c, m, take); err != nil {
				return err
			}
		}
	}
}

// deal acknowledges what was dealt with, and nothing else.
func (s *Stomp) deal(ctx context.Context, c *conn, m message, take takeFunc) error {
	verdict := frame.ACK
	if m.long {
		s.log.Warn("an answer is too long, it is thrown away", slog.Int("most", maxBody))
	} else {
		taking, cancel := context.WithTimeout(ctx, authcore.ChannelTime)
		err := take(taking, string(m.Body))
		cancel()
		if err != nil {
			s.log.Warn("an answer can't be taken now, the broker gets it back", "error", err)
			if verdict = frame.NACK; !wait(ctx, redelivery) {
				return ctx.Err() // it goes back with the connection
			}
		}
	}
	writing, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err := c.write(writing, frame.New(verdict, frame.Id, m.Header.Get(frame.Ack)))
	if err != nil && ctx.Err() == nil {
		// The next subscription must not be the second of this connection: the broker would
		// bring the answers by both (STOMP 1.2, SUBSCRIBE).
		c.end(errUnacknowledged)
		return c.err // there may have been one before
	}
	return err
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
