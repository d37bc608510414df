package postgres_test

import (
	"encoding/base32"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/storage/postgres/postgrestest"
)

// Law 2: of parallel questions about one right code one is answered with yes, also
// where two of them use it up at once; of all others each is a replay, and counted.
func TestOneOfManyValidationsWins(t *testing.T) {
	p := newPair(t, postgrestest.Start(t), "UPDATE devices SET last_counter", 10*time.Second)
	r, err := p.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
	if err != nil {
		t.Fatal(err)
	}
	code, err := hotp.GenerateCodeCustom(base32.StdEncoding.EncodeToString(r.Secret), 3, hotp.ValidateOpts{Digits: otp.DigitsSix})
	if err != nil {
		t.Fatal(err)
	}
	const n = 9 // the tenth in a row would pause the device
	var won, replayed atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			_, err := p.Devices.Validate(t.Context(), authcore.Operator(), authcore.Checked{Device: r.Device.ID, Code: code})
			switch {
			case err == nil:
				won.Add(1)
			case authcore.ReasonOf(err) == authcore.ReasonReplayed:
				replayed.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	d, a, err := p.Devices.Get(t.Context(), authcore.Operator(), r.Device.ID)
	if err != nil {
		t.Fatal(err)
	}
	if won.Load() != 1 || replayed.Load() != n-1 || d.LastCounter != 3 || a.Total != n-1 {
		t.Errorf("%d won and %d were replays; counter %d, %+v", won.Load(), replayed.Load(), d.LastCounter, a)
	}
}
