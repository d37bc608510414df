package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// Law 2: a device that is approved while somebody is about to disable it is disabled all the
// same: whoever was told that there is none would leave it open.
func TestApprovedMeanwhileIsDisabled(t *testing.T) {
	d := newDesk(t, postgrestest.Start(t))
	key := uuid.NewString()
	mustBe(t, d.ask(t, key, 0))
	token := d.outbox.Last(t).Code
	d.hold("UPDATE users SET id") // where it has seen a device that waits
	disabled := make(chan error, 1)
	go func() { disabled <- d.disable(t, key) }()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for d.came.Load() == 0 {
		<-again.C
	}
	d.held.Store("") // nobody else waits
	mustBe(t, d.validate(t, key, token))
	close(d.second)
	if err := <-disabled; err != nil {
		t.Errorf("a device that was approved meanwhile is not disabled: %v", err)
	}
	if got := d.show(t, key); got.Status != authcore.StatusDeactivated || len(got.History) != 3 {
		t.Errorf("the device is %s, after %v", got.Status, got.History)
	}
}
