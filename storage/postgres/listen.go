package postgres

import (
	"log/slog"
	"time"

	"github.com/lib/pq"
)

// channel is what the trigger of the table epochs notifies.
const channel = "doorward"

// listener has a connection of its own, which waits without a deadline. It gives
// hints only: while it is away, the feed is read on time all the same.
type listener struct {
	*pq.Listener
	changes chan struct{}
}

func listen(dsn string, log *slog.Logger) *listener {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	told := false
	tell := func(event pq.ListenerEventType, err error) {
		if event == pq.ListenerEventConnectionAttemptFailed && !told {
			log.Warn("no notifications from PostgreSQL, changes are found by asking four times a second", "error", err)
		}
		told = event == pq.ListenerEventConnectionAttemptFailed
	}
	l := &listener{pq.NewDialListener(dialer{}, dsn, 250*time.Millisecond, 5*time.Second, tell), make(chan struct{}, 1)}
	go func() { _ = l.Listen(channel) }() // returns when connected, or closed
	go func() {
		// A nil among the notifications says that some were lost: it is a hint too.
		for range l.Notify {
			select {
			case l.changes <- struct{}{}:
			default: // there is one that nobody has taken yet
			}
		}
	}()
	return l
}
