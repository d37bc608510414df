package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// endless is a sample from when no device had an end.
func endless(id, user string) authcore.Device {
	d := sampleDevice(id, user)
	d.ExpiresAt = time.Time{}
	return d
}

// upgradedThird looks for what ThirdRows adds.
func upgradedThird(t *testing.T, s authcore.Store, d authcore.Device) {
	t.Helper()
	invite := sampleInvite("1", string(d.Sealed))
	invite.ExpiresAt = time.UnixMilli(1772625600000).UTC()
	invitation(t, s, "1", &invite)
	read(t, s, func(tx authcore.Tx) error {
		his, err := tx.Devices(authcore.DefaultTenant, "1")
		try(t, err)
		same(t, "his devices", his, []authcore.Device{d, endless("a2", "1")})
		stock, err := tx.DeviceBySerial(authcore.DefaultTenant, "SN-st")
		same(t, "the device in stock", stock, endless("st", ""))
		return err
	})
}

// upgradedFourth looks for what FourthRows adds.
func upgradedFourth(t *testing.T, s authcore.Store, blob []byte) {
	t.Helper()
	waits := sampleDevice("w4", "")
	waits.Status, waits.PIN, waits.Awaits, waits.ExpiresAt = authcore.StatusPending, blob, authcore.AwaitsCodes, time.UnixMilli(1803902400000).UTC()
	read(t, s, func(tx authcore.Tx) error {
		d, err := tx.DeviceBySerial(authcore.DefaultTenant, "SN-w4")
		same(t, "a device that waits", d, waits)
		try(t, err)
		_, err = tx.DeviceByID("m4")
		wantCode(t, err, authcore.CodeNotFound)
		n, err := tx.CountStaged("i4")
		same(t, "what the import has brought", n, int64(1))
		try(t, err)
		i, err := tx.IntegratorByID("n4")
		same(t, "what an integrator has", []any{i.Name, i.Digest, i.PublicKey, i.Operations, i.Allow[0].String()},
			[]any{"name-n4", blob, []byte{}, []string{"a", "b"}, "192.0.2.0/24"})
		try(t, err)
		had, err := tx.HadDevice("1")
		same(t, "had a device", had, true)
		return err
	})
	attributed(t, s, "w4", "x", authcore.Attributes{"n": "v"})
	won(t, s, false, "a picture that was read", taken(string(blob), start))
	won(t, s, true, "the import goes on", ended("i4"))
}

// usedFourth uses what came with schema version 4: his devices of before stand
// in front of those that become his now.
func usedFourth(t *testing.T, s authcore.Store, before ...string) {
	t.Helper()
	late, device := sampleDevice("0", ""), authcore.Subject{Kind: authcore.SubjectDevice, ID: "d1"}
	late.PIN, late.Awaits = []byte("sealed"), authcore.AwaitsCodes
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateDevice(late))
		return tx.CreateDevice(sampleDevice("1", "1"))
	})
	won(t, s, true, "assign", assigned("0", "", "1"))
	his(t, s, "1", append(before, "1", "0")...)
	won(t, s, true, "assign one of before", assigned("d1", "1", ""))
	won(t, s, true, "assign one of before, back", assigned("d1", "", "1"))
	his(t, s, "1", append(before[1:], "1", "0", "d1")...)
	won(t, s, true, "claim", func(tx authcore.Tx) (bool, error) { return tx.ClaimAttribute(device, "x", "n", "v") })
	won(t, s, true, "a picture", func(tx authcore.Tx) (bool, error) { return tx.PutPicture(samplePicture("d1", "p")) })
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateIntegrator(sampleIntegrator("i")))
		return tx.CreateImport(sampleImport("m"))
	})
	stage(t, s, "m", []string{"new"}, sampleDevice("new", ""), sampleDevice("d1", ""))
}

// usedFifth uses what came with schema version 5, with the user, the device and the
// session of before.
func usedFifth(t *testing.T, s authcore.Store) {
	t.Helper()
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.SetStrictDevices("1", true))
		try(t, tx.CreateAccount(sampleAccount("a")))
		return tx.CreateApprover(sampleApprover("a", "1"))
	})
	registered(t, s, "1", "a", authcore.StatusPending, "app")
	asked(t, s, sampleApproval("r", "app", "1"))
	won(t, s, true, "approve", decided("r", authcore.ApprovalApproved, start))
	won(t, s, true, "a ref", pointed(sampleRef("k"), "", "app"))
	won(t, s, true, "a call", shown("once", start))
	bound := sampleSession("bound", "1")
	bound.ClientDevice = "app"
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateSession(bound))
		try(t, tx.AppendStatus("app", authcore.StatusChange{Status: authcore.StatusActive, At: start}))
		n, err := tx.EndSessions(authcore.Subject{Kind: authcore.SubjectDevice, ID: "app"}, start)
		same(t, "sessions on it", n, int64(1))
		return err
	})
}

// upgradedFifth looks for what FifthRows adds.
func upgradedFifth(t *testing.T, s authcore.Store, blob []byte) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		c, err := tx.ClientBySecret(blob)
		same(t, "a client device", []any{c.DeviceID, c.Account}, []any{"c5", "a5"})
		try(t, err)
		i, err := tx.IntegratorByName("name-n5")
		same(t, "what an integrator signs with", i.PublicKey, blob)
		return err
	})
	won(t, s, false, "a call of before", shown(string(blob), start))
}

// usedSixth uses what came with schema version 6, with the user and the device of before.
func usedSixth(t *testing.T, s authcore.Store) {
	t.Helper()
	mail := mailbox("mail", "1", "six@example.com")
	app := sampleDevice("six", "1")
	app.Kind, app.Status, app.Awaits, app.Enrolment = authcore.KindMobile, authcore.StatusPending, authcore.AwaitsKey, []byte("digest")
	write(t, s, func(tx authcore.Tx) error {
		try(t, tx.CreateDevice(mail))
		try(t, tx.CreateDevice(app))
		try(t, tx.SetNotified("d1", true, start))
		try(t, tx.SetNotified("mail", true, start))
		try(t, tx.SetRestoredBy("1", "six@example.com"))
		return tx.SetLogsIn("mail", true)
	})
	won(t, s, true, "a key", func(tx authcore.Tx) (bool, error) {
		return tx.GiveKey("six", []byte("digest"), []byte("key"), start.Add(-time.Hour), start)
	})
	marked(t, s, "1", "mail")
	namedBy(t, s, map[string]string{"six@example.com": "1", "name-1": "1", "1@example.com": "", "+15551": ""})
}

// upgradedSecond looks for what SecondRows adds.
func upgradedSecond(t *testing.T, s authcore.Store) {
	t.Helper()
	c := sampleChallenge("c1", "1")
	c.Sealed, c.Tries = []byte{1, 0, 2, 255}, 2
	onTheWay(t, s, "1", authcore.PurposeLogin, &c)
	leftOver(t, s, "d1", 1, 0, time.Time{})
	read(t, s, func(tx authcore.Tx) error {
		_, err := tx.UserByIdentity(authcore.DefaultTenant, "s", "y")
		return err
	})
}

// Upgraded demands that s has every row of a version that Versions gives, that
// what they lacked is empty, and that what came since works with them.
func Upgraded(t *testing.T, s authcore.Store, version int) {
	t.Helper()
	user, device, session := sampleUser("1"), endless("d1", "1"), sampleSession("s1", "1")
	before := []string{"d1"}
	if version >= 2 {
		user.Language, device.Address = "ru", "+15551"
		upgradedSecond(t, s)
	}
	if version >= 3 {
		device.Name, session.Agent = "his phone", "Firefox"
		before = append(before, "a2")
		upgradedThird(t, s, device)
	}
	if version >= 4 {
		upgradedFourth(t, s, device.Sealed)
	}
	if version >= 5 {
		user.StrictDevices, session.ClientDevice = true, "c5"
		upgradedFifth(t, s, device.Sealed)
	}
	read(t, s, func(tx authcore.Tx) error {
		u, err := tx.UserByLogin(authcore.DefaultTenant, "name-1")
		try(t, err)
		same(t, "the user", u, user)
		d, err := tx.DeviceByID("d1")
		try(t, err)
		same(t, "the device", d, device)
		x, err := tx.SessionByID("s1")
		try(t, err)
		same(t, "the session", x, session)
		tries, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d1"})
		try(t, err)
		same(t, "the tries", tries, authcore.Attempts{Failures: 2, Total: 7})
		keys, err := tx.SigningKeys()
		try(t, err)
		same(t, "the keys", keys, []authcore.SigningKey{{
			ID: "k1", Algorithm: "ES256", Public: d.Sealed, Sealed: d.Sealed, CreatedAt: start, ActiveFrom: start,
		}})
		canary, err := tx.Canary()
		try(t, err)
		same(t, "the canary", canary, d.Sealed)
		changes, _, err := tx.EpochsSince(ever)
		try(t, err)
		same(t, "the feed", changes, []authcore.EpochChange{change(authcore.SubjectUser, "1", 0)})
		events, err := tx.Events(10)
		same(t, "the audit", len(events), 1)
		return err
	})
	later := start.Add(time.Minute)
	write(t, s, func(tx authcore.Tx) error {
		epoch, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectKeys}, later)
		try(t, err)
		same(t, "epoch of the keys", epoch, int64(6))
		try(t, tx.LinkIdentity(authcore.Identity{Tenant: authcore.DefaultTenant, Source: "s", Subject: "x", UserID: "1"}))
		try(t, tx.PutBackupCodes("d1", digests("a")))
		try(t, tx.PutInvite(sampleInvite("1", "t")))
		try(t, tx.RenameDevice("d1", "a name"))
		return tx.PutChallenge(sampleChallenge("c2", "1"))
	})
	won(t, s, true, "an invitation", invited("1", "t", later))
	won(t, s, true, "redeem", redeemed("c2", later))
	won(t, s, true, "a backup code", spent("d1", "a", later))
	leftOver(t, s, "d1", 1, 1, later)
	usedFourth(t, s, before...)
	usedFifth(t, s)
	usedSixth(t, s)
}
