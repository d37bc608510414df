package storagetest

import (
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
)

func samplePicture(device, digest string) authcore.Picture {
	return authcore.Picture{
		DeviceID: device, Digest: []byte(digest), Label: "alice", CreatedAt: start, ExpiresAt: start.Add(authcore.PictureLifetime),
	}
}

func pictured(p authcore.Picture) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.PutPicture(p) }
}

func taken(digest string, at time.Time) func(authcore.Tx) (bool, error) {
	return func(tx authcore.Tx) (bool, error) { return tx.TakePicture([]byte(digest), at) }
}

// onShow checks a picture; nil: there is none.
func onShow(t *testing.T, s authcore.Store, digest string, want *authcore.Picture) {
	t.Helper()
	read(t, s, func(tx authcore.Tx) error {
		got, err := tx.Picture([]byte(digest))
		if want == nil {
			wantCode(t, err, authcore.CodeNotFound)
			return nil
		}
		same(t, "the picture "+digest, got, *want)
		return err
	})
}

// pictures: a device's key has one reader, in time, whatever is put in its place.
func pictures(t *testing.T, open Open) {
	s := open(t, Opts{})
	people(t, s, "1", "2")
	first, other := samplePicture("d1", "t\x00"), samplePicture("d2", "u")
	onShow(t, s, "t\x00", nil)
	won(t, s, true, "a picture", pictured(first))
	won(t, s, true, "one of another device", pictured(other))
	onShow(t, s, "t\x00", &first)
	for _, digest := range []string{"t", "", "T\x00"} {
		onShow(t, s, digest, nil)
		won(t, s, false, "another token", taken(digest, start))
	}
	won(t, s, false, "a late reader", taken("t\x00", first.ExpiresAt))
	second := samplePicture("d1", "v")
	second.Label, second.CreatedAt, second.ExpiresAt = "другой", start.Add(time.Hour), start.Add(2*time.Hour)
	won(t, s, true, "in place of one that nobody took", pictured(second))
	onShow(t, s, "v", &second)
	onShow(t, s, "t\x00", nil)
	won(t, s, false, "a token that was replaced", taken("t\x00", start))
	last := second.ExpiresAt.Add(-time.Millisecond)
	won(t, s, true, "the first reader", taken("v", last))
	won(t, s, false, "the second reader", taken("v", last))
	won(t, s, false, "the second reader, earlier", taken("v", start))
	second.TakenAt = last
	for _, digest := range []string{"w", "v"} {
		won(t, s, false, "in place of one that was taken", pictured(samplePicture("d1", digest)))
		onShow(t, s, "v", &second)
	}
	onShow(t, s, "u", &other)
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error {
		_, err := tx.PutPicture(samplePicture("none", "x"))
		return err
	})
	refused(t, s, authcore.CodeConflict, func(tx authcore.Tx) error {
		_, err := tx.PutPicture(samplePicture("d2", "v")) // the token of another
		return err
	})
	write(t, s, func(tx authcore.Tx) error { return tx.RemoveUser("2") })
	onShow(t, s, "u", nil)
}

// parallelReaders: of many who read a picture at once one gets it.
func parallelReaders(t *testing.T, open Open) {
	faults := &Faults{}
	s := open(t, Opts{Wrap: faults.Wrap, Waiters: 2000, CallTimeout: time.Minute})
	people(t, s, "1")
	won(t, s, true, "a picture", pictured(samplePicture("d1", "t")))
	faults.Reset()
	wins := parallel(t, 1000, func() (bool, error) { return decide(s, taken("t", start)) })
	same(t, "readers of 1000", wins, int64(1))
	if n := faults.CountMatching("UPDATE pictures SET taken_at"); n < 900 {
		t.Errorf("only %d of 1000 reached the deciding statement", n)
	}
}
