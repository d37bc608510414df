package postgres_test

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// Law 2: a device that is approved while somebody is about to disable it is disabled all the
// same: whoever was told that there is none, or to try again, would leave it open.
func TestApprovedMeanwhileIsDisabled(t *testing.T) {
	cluster := postgrestest.Start(t)
	for name, disable := range map[string]func(d *desk, id, key string) error{
		"by what its app calls it": func(d *desk, _, key string) error { return d.disable(t, key) },
		"by an operator": func(d *desk, id, _ string) error {
			_, err := d.Devices.Deactivate(t.Context(), authcore.Operator(), id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, cluster)
			id, key, token := d.waits(t)
			d.hold("UPDATE users SET id") // where it has seen a device that waits
			disabled := make(chan error, 1)
			go func() { disabled <- disable(d, id, key) }()
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
		})
	}
}

// Law 2: of two who disable a device at once one does, and the other one is told what he
// would be told later: there is none.
func TestDisabledTwiceAtOnce(t *testing.T) {
	d := newDesk(t, postgrestest.Start(t))
	_, key, _ := d.waits(t)
	disable := func() error { return d.disable(t, key) }
	one, other := d.at("UPDATE users SET id", disable, disable)
	if one == nil {
		one = other
	}
	if authcore.CodeOf(one) != authcore.CodeNotFound || authcore.ReasonOf(one) != authcore.ReasonNoDevice {
		t.Errorf("the other one is told: %v", one)
	}
	if got := d.show(t, key); got.Status != authcore.StatusDeactivated || len(got.History) != 2 {
		t.Errorf("the device is %s, after %v", got.Status, got.History)
	}
}
