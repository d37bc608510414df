package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func signingKeys(t *testing.T, open Open) {
	s := open(t, Opts{})
	old := authcore.SigningKey{
		ID: "z", Algorithm: "ES256", Public: []byte{4, 0}, Sealed: []byte{9}, CreatedAt: start, ActiveFrom: start.Add(time.Hour),
	}
	young := old
	young.ID = "a"
	young.CreatedAt = start.Add(-time.Minute) // by the clock of another node; the order of their making counts
	for _, k := range []authcore.SigningKey{old, young} {
		write(t, s, func(tx authcore.Tx) error { return tx.CreateSigningKey(k) })
	}
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.CreateSigningKey(old) })
	listed := func(want ...authcore.SigningKey) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.SigningKeys()
			same(t, "SigningKeys", got, append([]authcore.SigningKey{}, want...))
			return err
		})
	}
	listed(old, young)
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveSigningKey("z") })
	refused(t, s, authcore.CodeNotFound, func(tx authcore.Tx) error { return tx.RemoveSigningKey("z") })
	listed(young)
}

func sealedValues(t *testing.T, open Open) {
	s := open(t, Opts{})
	device := authcore.SealedValue{Table: "devices", Column: "secret", Row: "d1", Sealed: []byte("k1\x00device")}
	key := authcore.SealedValue{Table: "signing_keys", Column: "private", Row: "kid", Sealed: []byte("k1\x00key")}
	pin := authcore.SealedValue{Table: "devices", Column: "pin", Row: "d3", Sealed: []byte("k1\x00pin")}
	canary := authcore.SealedValue{Table: "seal_canary", Column: "canary", Row: "1", Sealed: []byte("k2\x00canary")}
	sent := authcore.SealedValue{Table: "challenges", Column: "code", Row: "c1", Sealed: []byte("k1\x00code")}
	session := authcore.SealedValue{Table: "clients", Column: "session", Row: "c", Sealed: []byte("k1\x00session")}
	token := authcore.SealedValue{Table: "approvals", Column: "token", Row: "a1", Sealed: []byte("k1\x00token")}
	asking := authcore.SealedValue{Table: "approvals", Column: "session", Row: "a1", Sealed: []byte("k1\x00asking")}
	write(t, s, func(tx authcore.Tx) error {
		d, none := sampleDevice("d1", ""), sampleDevice("d2", "")
		d.Sealed, none.Sealed = device.Sealed, nil
		try(t, tx.CreateDevice(d))
		try(t, tx.CreateDevice(none)) // no secret: nothing is sealed
		try(t, tx.CreateImport(sampleImport("m")))
		staged := sampleDevice("d3", "")
		staged.Sealed, staged.PIN = nil, pin.Sealed
		_, err := tx.StageDevices("m", []authcore.Device{staged})
		try(t, err)
		try(t, tx.CreateUser(sampleUser("1")))
		c := sampleChallenge("c1", "1")
		c.Sealed = sent.Sealed
		try(t, tx.PutChallenge(c))
		for _, id := range []string{"c", "browser"} { // which has no session
			d := clientDevice(id, "1", authcore.StatusActive)
			try(t, tx.CreateDevice(d))
			client := authcore.Client{DeviceID: id}
			request := authcore.Approval{ID: "of " + id, DeviceID: id, UserID: "1", State: authcore.ApprovalPending}
			if id == "c" {
				client.Marks.Session = session.Sealed
				request.ID, request.Token, request.Marks.Session = token.Row, token.Sealed, asking.Sealed
			}
			try(t, tx.CreateClient(client))
			try(t, tx.PutApproval(request))
		}
		try(t, tx.CreateSigningKey(authcore.SigningKey{ID: "kid", Algorithm: "ES256", Sealed: key.Sealed, CreatedAt: start}))
		return tx.CreateCanary(canary.Sealed)
	})
	listed := func(prefix string, limit int, want ...authcore.SealedValue) {
		t.Helper()
		read(t, s, func(tx authcore.Tx) error {
			got, err := tx.SealedWithout([]byte(prefix), limit)
			same(t, "number of values without "+prefix, len(got), min(limit, len(want)))
			for _, g := range got {
				known := false
				for _, w := range want {
					known = known || g.Table == w.Table && g.Column == w.Column && g.Row == w.Row && string(g.Sealed) == string(w.Sealed)
				}
				if !known {
					t.Errorf("values without %q: %v is none of %v", prefix, g, want)
				}
			}
			return err
		})
	}
	all := []authcore.SealedValue{key, device, sent, pin, session, token, asking}
	listed("", 10, append(all, canary)...)
	listed("", 2, append(all, canary)...)
	listed("k1\x00", 10, canary)
	listed("k2\x00", 10, all...)
	listed("k", 10)
	replace := func(v authcore.SealedValue, sealed string) func(authcore.Tx) (bool, error) {
		return func(tx authcore.Tx) (bool, error) { return tx.ReplaceSealed(v, []byte(sealed)) }
	}
	won(t, s, true, "replace", replace(device, "k2\x00new"))
	won(t, s, false, "replace what has changed", replace(device, "k2\x00newer"))
	won(t, s, true, "replace a key", replace(key, "k2\x00key"))
	won(t, s, true, "replace a PIN of what is being imported", replace(pin, "k2\x00pin"))
	won(t, s, true, "replace a code on its way", replace(sent, "k2\x00code"))
	won(t, s, true, "replace the session of an app", replace(session, "k2\x00session"))
	won(t, s, true, "replace a token on its way", replace(token, "k2\x00token"))
	won(t, s, true, "replace the session of a request", replace(asking, "k2\x00asking"))
	listed("k2\x00", 10)
	device.Row = "none"
	won(t, s, false, "replace what does not exist", replace(device, "x"))
	refused(t, s, authcore.CodeInternal, func(tx authcore.Tx) error {
		_, err := tx.ReplaceSealed(authcore.SealedValue{Table: "users", Column: "password", Row: "1"}, []byte("x"))
		return err
	})
}

func sealCanary(t *testing.T, open Open) {
	s := open(t, Opts{})
	read(t, s, func(tx authcore.Tx) error {
		_, err := tx.Canary()
		wantCode(t, err, authcore.CodeNotFound)
		return nil
	})
	write(t, s, func(tx authcore.Tx) error { return tx.CreateCanary([]byte{7, 0, 7}) })
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error { return tx.CreateCanary([]byte{8}) })
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Canary()
		same(t, "Canary", got, []byte{7, 0, 7})
		return err
	})
}
