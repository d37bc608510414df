package storagetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

// login is what a login writes, for the user with this id.
func login(id string) func(authcore.Tx) error {
	return func(tx authcore.Tx) error {
		if err := tx.CreateUser(sampleUser(id)); err != nil {
			return err
		}
		if err := tx.CreateDevice(sampleDevice("d"+id, id)); err != nil {
			return err
		}
		key := authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d" + id}
		if _, err := tx.Reserve(key, authcore.DefaultLimits().Device, start); err != nil {
			return err
		}
		if ok, err := tx.ConsumeCounter("d"+id, 5, 0, start); err != nil || !ok {
			return fmt.Errorf("consumed %v: %w", ok, err)
		}
		if err := tx.CreateSession(sampleSession("s"+id, id)); err != nil {
			return err
		}
		if err := otherFactors(tx, id); err != nil {
			return err
		}
		if _, err := tx.BumpEpoch(authcore.Subject{Kind: authcore.SubjectUser, ID: id}, start); err != nil {
			return err
		}
		return tx.AppendEvent(authcore.Event{At: start, Action: "login", UserID: id})
	}
}

// otherFactors is what logins with other kinds of device write, on the device of
// login.
func otherFactors(tx authcore.Tx, id string) error {
	won := func(ok bool, err error) error {
		if err == nil && !ok {
			return errors.New("not won")
		}
		return err
	}
	pending := sampleDevice("p"+id, id)
	pending.Status = authcore.StatusPending
	for _, step := range []func() error{
		func() error { return tx.CreateDevice(pending) },
		func() error { n, err := tx.RemovePending(id); return won(n == 1, err) },
		func() error { return won(tx.AssignDevice("d"+id, id, id)) },
		func() error { return tx.PutChallenge(sampleChallenge("c"+id, id)) },
		func() error { return won(tx.TryChallenge("c"+id, 5, start)) },
		func() error { return tx.RefundChallenge("c" + id) },
		func() error { return won(tx.RedeemChallenge("c"+id, start)) },
		func() error { return tx.PutBackupCodes("d"+id, digests("a", "b")) },
		func() error { return won(tx.ConsumeBackupCode("d"+id, []byte("a"), start)) },
		func() error { return tx.RenameDevice("d"+id, "a name") },
		func() error { return recordedOf(tx, id) },
		func() error { return won(tx.PutPicture(samplePicture("d"+id, id))) },
		func() error { return won(tx.TakePicture([]byte(id), start)) },
		func() error { return tx.Lift(authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d" + id}) },
		func() error {
			return won(tx.ClaimAttribute(authcore.Subject{Kind: authcore.SubjectDevice, ID: "d" + id}, "x", "n", "v"))
		},
		func() error {
			return tx.SetAttributes(authcore.Subject{Kind: authcore.SubjectUser, ID: id}, "x", authcore.Attributes{"n": "v"})
		},
		func() error { return tx.SetUserContacts(id, id+"@example.com", "") },
		func() error { return imported(tx, id) },
		func() error { return letIn(tx, id) },
		func() error {
			i := sampleIntegrator("i" + id)
			try := tx.CreateIntegrator(i)
			return errors.Join(try, tx.RemoveIntegrator(i.ID), tx.CreateIntegrator(i))
		},
		func() error { return tx.PutInvite(sampleInvite(id, "t")) },
		func() error { return won(tx.ConsumeInvite(id, []byte("t"), start)) },
		func() error {
			return tx.LinkIdentity(authcore.Identity{Tenant: authcore.DefaultTenant, Source: "s", Subject: id, UserID: id})
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// recordedOf is what a change of a record writes.
func recordedOf(tx authcore.Tx, id string) error {
	mail, app := mailbox("mail"+id, id, "mail-"+id+"@example.com"), sampleDevice("app"+id, id)
	app.Status, app.Enrolment = authcore.StatusPending, []byte(id)
	given := false
	for _, step := range []func() error{
		func() error { return tx.CreateDevice(mail) },
		func() error { return tx.CreateDevice(app) },
		func() error { return tx.SetNotified(mail.ID, true, start) },
		func() error { return tx.SetLogsIn(mail.ID, true) },
		func() error { return tx.SetDeviceAddress(app.ID, "x") },
		func() error { return tx.ChangedDevice(app.ID, start) },
		func() (err error) {
			given, err = tx.GiveKey(app.ID, []byte(id), []byte("key"), start.Add(-time.Hour), start)
			return err
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if !given {
		return errors.New("the app was given no key")
	}
	return nil
}

// imported brings one device and drops another.
func imported(tx authcore.Tx, id string) error {
	for _, name := range []string{"m", "drop"} {
		i := sampleImport(name + id)
		if err := errors.Join(tx.CreateImport(i), tx.TouchImport(i.ID, start)); err != nil {
			return err
		}
		if _, err := tx.StageDevices(i.ID, []authcore.Device{sampleDevice(i.ID, "")}); err != nil {
			return err
		}
	}
	if ended, err := tx.EndImport("m" + id); err != nil || !ended {
		return fmt.Errorf("ended %v: %w", ended, err)
	}
	if n, err := tx.DropStaged("drop"+id, 9); err != nil || n != 1 {
		return fmt.Errorf("dropped %d: %w", n, err)
	}
	return tx.RemoveDevice("m" + id)
}

// letIn is what a client device leaves that was asked for and approved.
func letIn(tx authcore.Tx, id string) error {
	won := func(ok bool, err error) error {
		if err == nil && !ok {
			return errors.New("not won")
		}
		return err
	}
	client, device := "c"+id, clientDevice("c"+id, id, authcore.StatusPending)
	account, next := sampleAccount("a"+id), sampleApproval("next"+id, client, id)
	for _, step := range []func() error{
		func() error { return tx.CreateAccount(account) },
		func() error { return won(tx.MoveAccount(account.ID, authcore.AccountBlocked, authcore.AccountActive)) },
		func() error { return tx.CreateApprover(sampleApprover(account.ID, id)) },
		func() error { return won(tx.RemoveApprover(account.ID, id)) },
		func() error { return tx.CreateDevice(device) },
		func() error { return tx.CreateClient(sampleClient(client, account.ID)) },
		func() error { return won(tx.PointRef(sampleRef(id), "", "d"+id)) },
		func() error { return won(tx.PointRef(sampleRef(id), "d"+id, client)) },
		func() error {
			return tx.AppendStatus(client, authcore.StatusChange{Status: authcore.StatusPending, At: start})
		},
		func() error { return tx.PutApproval(sampleApproval("asked"+id, client, id)) },
		func() error { return won(tx.RenewApproval("asked"+id, next, 5)) },
		func() error { return won(tx.AskVerifier(next.ID, start.Add(-time.Second), start)) },
		func() error { return won(tx.TryApproval(next.ID, 5, start)) },
		func() error { return tx.RefundApproval(next.ID) },
		func() error { return won(tx.DecideApproval(next.ID, authcore.ApprovalApproved, start)) },
		func() error { return tx.MarkClient(client, sampleMarks("marked "+id)) },
		func() error { return won(tx.ShowOnce([]byte(id), start)) },
		func() error { return tx.SetStrictDevices(id, true) },
		func() error {
			_, err := tx.EndSessions(authcore.Subject{Kind: authcore.SubjectDevice, ID: client}, start)
			return err
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// traces counts what login left behind, at most 21.
func traces(t *testing.T, s authcore.Store, id string) (n int) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		found := func(err error) {
			if err == nil {
				n++
			} else {
				wantCode(t, err, authcore.CodeNotFound)
			}
		}
		_, err := tx.UserByLogin("default", id+"@example.com")
		found(err)
		_, err = tx.UserByLogin("default", "mail-"+id+"@example.com")
		found(err)
		_, _, err = tx.FindDevices(authcore.DeviceQuery{Tenant: "default", Limit: 1})
		try(t, err)
		d, err := tx.DeviceByID("d" + id)
		if found(err); d.Name != "" {
			n++
		}
		i, err := tx.Invite(id)
		if err == nil && i.UsedAt.IsZero() {
			t.Error("an invitation that was used is not")
		}
		found(err)
		_, err = tx.SessionByID("s" + id)
		found(err)
		_, err = tx.Challenge(id, authcore.PurposeLogin)
		found(err)
		_, err = tx.UserByIdentity(authcore.DefaultTenant, "s", id)
		found(err)
		_, err = tx.Picture([]byte(id))
		found(err)
		_, err = tx.IntegratorByName("name-i" + id)
		found(err)
		_, err = tx.Import("drop" + id)
		found(err)
		_, err = tx.AccountByID("a" + id)
		found(err)
		_, err = tx.ClientBySecret(sampleMarks("marked " + id).Secret)
		found(err)
		_, err = tx.Approval("c" + id)
		found(err)
		_, err = tx.ByRef(sampleRef(id))
		found(err)
		history, err := tx.History("c" + id)
		try(t, err)
		n += len(history)
		for _, of := range []authcore.Subject{{Kind: authcore.SubjectUser, ID: id}, {Kind: authcore.SubjectDevice, ID: "d" + id}} {
			a, err := tx.Attributes(of, "x")
			try(t, err)
			n += len(a)
		}
		_, used, err := tx.BackupCodes("d" + id)
		try(t, err)
		n += used
		tries, err := tx.Attempts(authcore.AttemptKey{Kind: authcore.AttemptDevice, Subject: "d" + id})
		try(t, err)
		n += tries.Total
		changes, _, err := tx.EpochsSince(ever)
		try(t, err)
		if contains(changes, change(authcore.SubjectUser, id, 1)) {
			n++
		}
		events, err := tx.Events(1000)
		try(t, err)
		for _, e := range events {
			if e.UserID == id {
				n++
			}
		}
		return nil
	})
	return n
}

// failpoints lets the n-th call to the driver fail, for every n: each failure
// is reported, and the state is the whole transaction or nothing of it.
func failpoints(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, CallTimeout: 10 * time.Second})
	failures := 0
	for n := 1; ; n++ {
		id := fmt.Sprint(n)
		faults.FailNext(n, nil)
		err := s.Write(t.Context(), login(id))
		pending := faults.Pending()
		faults.Reset()
		if pending { // there are fewer calls than n: nothing failed
			try(t, err)
			same(t, "traces of a login", traces(t, s, id), 21)
			break
		}
		failures++
		wantCode(t, err, authcore.CodeUnavailable)
		same(t, fmt.Sprintf("traces after a failure of call %d", n), traces(t, s, id), 0)
	}
	if failures < 90 { // begin, 88 statements, commit
		t.Errorf("only %d calls failed", failures)
	}
	failingReads(t, s, faults)
}

func failingReads(t *testing.T, s authcore.Store, faults *Faults) {
	t.Helper()
	for n := 1; ; n++ {
		faults.FailNext(n, nil)
		err := s.Read(t.Context(), func(tx authcore.Tx) error {
			if _, err := tx.Users(""); err != nil {
				return err
			}
			if _, err := tx.Devices("default", ""); err != nil {
				return err
			}
			if _, _, err := tx.BackupCodes("none"); err != nil {
				return err
			}
			if _, err := tx.Identities("nobody"); err != nil {
				return err
			}
			if _, err := tx.Attributes(authcore.Subject{}, "x"); err != nil {
				return err
			}
			if _, err := tx.Integrators(); err != nil {
				return err
			}
			if _, err := tx.FindUsers("default", "", 1); err != nil {
				return err
			}
			if _, err := tx.BySerials("default", []string{"none"}); err != nil {
				return err
			}
			if _, err := tx.CountStaged("none"); err != nil {
				return err
			}
			if _, err := tx.Imports(start); err != nil {
				return err
			}
			if _, _, err := tx.FindDevices(authcore.DeviceQuery{Tenant: "default", Limit: 1}); err != nil {
				return err
			}
			return listsOfClients(tx)
		})
		pending := faults.Pending()
		faults.Reset()
		if pending {
			try(t, err)
			if n-1 < 20 { // begin, 18 statements, commit
				t.Errorf("only %d calls of a read failed", n-1)
			}
			return
		}
		wantCode(t, err, authcore.CodeUnavailable)
	}
}

func listsOfClients(tx authcore.Tx) error {
	for _, list := range []func() error{
		func() error { _, err := tx.Accounts("default"); return err },
		func() error { _, err := tx.Approvers("none"); return err },
		func() error { _, err := tx.Clients("none"); return err },
		func() error { _, err := tx.ClientsBySession("nobody", []byte("x")); return err },
		func() error { _, err := tx.History("none"); return err },
		func() error { _, err := tx.Waiting("nobody", start); return err },
	} {
		if err := list(); err != nil {
			return err
		}
	}
	return nil
}
