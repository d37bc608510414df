package stomp

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-stomp/stomp/v3/frame"

	"github.com/doorward/doorward/authcore"
)

// Reaches devices that listen at a broker.
func (*Stomp) Reaches(kind authcore.DeviceKind) bool { return kind == authcore.KindStomp }

// Send sends nothing: what listens here reads questions.
func (*Stomp) Send(context.Context, authcore.Message) error {
	return unsent(errors.New("channel stomp asks questions and delivers no messages"))
}

// Ask has the broker take the question for the device: it answers later, through Listen.
func (s *Stomp) Ask(ctx context.Context, q authcore.Question) (string, error) {
	// Once more: the address may be older than the configuration.
	if err := s.CheckAddress(q.To); err != nil {
		return "", unsent(err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	c, err := s.connection(ctx)
	if err != nil {
		return "", unsent(err)
	}
	err = c.writeReceived(ctx, s.question(q))
	if err == nil {
		return "", nil
	}
	if ctx.Err() != nil {
		err = errors.New("no receipt came in time")
	}
	return "", unsure(fmt.Errorf("broker %s: %w", s.address, err))
}

// question is kept by the broker until it has ended, in the words of two families of brokers.
func (s *Stomp) question(q authcore.Question) *frame.Frame {
	f := frame.New(frame.SEND,
		frame.Destination, q.To, frame.ContentType, "application/jose", frame.ContentLength, strconv.Itoa(len(q.Text)),
		"persistent", "true", "reply-to", s.reply,
		"expiration", strconv.FormatInt(max(time.Until(q.ExpiresAt).Milliseconds(), 1), 10), // RabbitMQ
		"expires", strconv.FormatInt(q.ExpiresAt.UnixMilli(), 10)) // ActiveMQ, Artemis
	f.Body = []byte(q.Text)
	return f
}

func unsent(err error) error {
	return authcore.Wrap(authcore.CodeUnavailable, err, "the question could not be delivered")
}

func unsure(err error) error {
	return authcore.Wrap(authcore.CodeInternal, err, "the question may not have been delivered")
}
