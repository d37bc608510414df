package authcore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
)

func ringOf(t testing.TB, keys ...[]byte) *seal.Ring {
	t.Helper()
	ring, err := seal.NewRing(keys...)
	must(t, err)
	return ring
}

// sealed is every sealed value of the store, by its place.
func (h *house) sealed(t testing.TB) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	h.read(t, func(tx authcore.Tx) error {
		values, err := tx.SealedWithout(nil, 1000)
		for _, v := range values {
			found[v.Table+"|"+v.Column+"|"+v.Row] = v.Sealed
		}
		return err
	})
	return found
}

// CRY-04, law 14: a wrong key refuses the configuration and touches no row.
func TestWrongSealKey(t *testing.T) {
	h := newCore(t, nil)
	h.device(t, h.user(t, "alice").Name, authcore.KindTOTP)
	before, file := h.sealed(t), contents(t, h)
	o := h.options
	o.Live, o.Ring = authcore.NewLive(), ringOf(t, seal.NewKey())
	h.faults.Reset()
	wantCode(t, authcore.New(o).Prepare(t.Context()), authcore.CodeInvalid)
	if n := h.faults.CountMatching("INSERT") + h.faults.CountMatching("UPDATE") + h.faults.CountMatching("DELETE"); n != 0 {
		t.Errorf("%d statements wrote", n)
	}
	if !equalValues(before, h.sealed(t)) || !bytes.Equal(file, contents(t, h)) {
		t.Error("the store was changed")
	}
	t.Run("also when it stands before the right one: both are configured", func(t *testing.T) {
		o.Live, o.Ring = authcore.NewLive(), ringOf(t, seal.NewKey(), h.sealKey)
		must(t, authcore.New(o).Prepare(t.Context()))
	})
	t.Run("a store that lost its proof makes no new one", func(t *testing.T) {
		bare := newCore(t, nil)
		bare.write(t, func(tx authcore.Tx) error { // as if the row had been deleted
			canary, err := tx.Canary()
			must(t, err)
			_, err = tx.ReplaceSealed(authcore.SealedValue{Table: "seal_canary", Column: "canary", Row: "1", Sealed: canary}, []byte("x"))
			return err
		})
		wantCode(t, bare.Prepare(t.Context()), authcore.CodeInvalid)
	})
}

func contents(t testing.TB, h *house) []byte {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(h.file + suffix)
		must(t, err)
		all = append(all, text...)
	}
	return all
}

func equalValues(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for place, value := range a {
		if !bytes.Equal(value, b[place]) {
			return false
		}
	}
	return true
}

// CRY-03: everything is sealed anew, while logins go on; interrupted anywhere it
// goes on; then the old key can go.
func TestSealRotation(t *testing.T) {
	h := newCore(t, nil)
	m := h.member(t, "alice")
	for n := range 3 { // more than one batch of values is made below
		h.user(t, fmt.Sprint("user", n))
		h.device(t, fmt.Sprint("user", n), authcore.KindTOTP)
	}
	h.write(t, func(tx authcore.Tx) error {
		for n := range 150 {
			id := fmt.Sprint("stock", n)
			d := authcore.Device{ID: id, Tenant: authcore.DefaultTenant, Serial: id, Kind: authcore.KindHOTP, Status: authcore.StatusPending}
			d.Sealed = h.ring.Seal("devices", "secret", id, []byte("0123456789abcdef"))
			if err := tx.CreateDevice(d); err != nil {
				return err
			}
		}
		return nil
	})
	young := seal.NewKey()
	node := h.again(t, func(o *authcore.Options) { o.Ring = ringOf(t, young, h.sealKey) })
	want, done, interruptions := len(h.sealed(t)), 0, 0
	for n := 3; ; n += 40 { // the n-th call fails
		node.faults.FailNext(n, errors.New("away"))
		changed, err := node.RotateSeal(t.Context(), authcore.Operator())
		pending := node.faults.Pending()
		node.faults.Reset()
		done += changed
		node.login(t, m) // whatever is sealed with which key
		if pending {
			must(t, err)
			break
		}
		wantCode(t, err, authcore.CodeUnavailable)
		interruptions++
	}
	if done != want || interruptions == 0 {
		t.Errorf("%d values sealed anew after %d interruptions, want %d", done, interruptions, want)
	}
	for place, value := range node.sealed(t) {
		if !bytes.HasPrefix(value, ringOf(t, young).Prefix()) {
			t.Errorf("%s is not sealed with the young key", place)
		}
	}
	again, err := node.RotateSeal(t.Context(), authcore.Operator())
	if must(t, err); again != 0 {
		t.Errorf("%d values changed at the second rotation", again)
	}
	alone := h.again(t, func(o *authcore.Options) { o.Ring = ringOf(t, young) })
	alone.passes(t, alone.login(t, m).Token)
	reloaded := h.again(t, func(o *authcore.Options) { // a reload keeps what is in view
		o.Ring, o.Live = ringOf(t, young), node.live
	})
	reloaded.passes(t, reloaded.login(t, m).Token)
	o := h.options
	o.Live = authcore.NewLive()
	wantCode(t, authcore.New(o).Prepare(t.Context()), authcore.CodeInvalid) // the old one alone opens nothing
	t.Run("a value under a key that is not configured", func(t *testing.T) {
		h.write(t, func(tx authcore.Tx) error {
			foreign := ringOf(t, seal.NewKey()).Seal("devices", "secret", "foreign", []byte("0123456789abcdef"))
			return tx.CreateDevice(authcore.Device{ID: "foreign", Tenant: authcore.DefaultTenant, Serial: "foreign", Sealed: foreign})
		})
		_, err := alone.RotateSeal(t.Context(), authcore.Operator())
		wantCode(t, err, authcore.CodeConflict)
	})
}

// CRY-02, OTP-16: a secret in another row, a damaged, a short and an empty one
// verify nothing, with the answer of a wrong code.
func TestUnusableSecretsVerifyNothing(t *testing.T) {
	h := newCore(t, nil)
	alice, bob := h.member(t, "alice"), h.member(t, "bob")
	_, wrong := h.Logins.Second(t.Context(), alice.verified, alice.wrong(t))
	id := alice.device.Device.ID
	put := func(id string, value []byte) {
		h.write(t, func(tx authcore.Tx) error {
			d, err := tx.DeviceByID(id)
			must(t, err)
			_, err = tx.ReplaceSealed(authcore.SealedValue{Table: "devices", Column: "secret", Row: id, Sealed: d.Sealed}, value)
			return err
		})
	}
	good := h.sealed(t)["devices|secret|"+id]
	damaged := bytes.Clone(good)
	damaged[len(damaged)-1] ^= 1
	for _, c := range []struct {
		name  string
		value []byte
		key   []byte // what the code is made with
	}{
		{"the ciphertext of another row", h.sealed(t)["devices|secret|"+bob.device.Device.ID], bob.device.Secret},
		{"damaged", damaged, alice.device.Secret},
		{"cut off", good[:20], alice.device.Secret},
		{"empty", nil, nil},
		{"an empty secret, well sealed", h.ring.Seal("devices", "secret", id, nil), nil},
		{"a secret of 15 bytes, well sealed", h.ring.Seal("devices", "secret", id, []byte("fifteen bytes..")), []byte("fifteen bytes..")},
		{"raw", alice.device.Secret, alice.device.Secret},
	} {
		t.Run(c.name, func(t *testing.T) {
			put(id, c.value)
			_, err := h.Logins.Second(t.Context(), alice.verified, authtest.HOTP(t, c.key, 0))
			if err == nil || err.Error() != wrong.Error() {
				t.Errorf("error %v, want that of a wrong code: %v", err, wrong)
			}
		})
	}
	put(id, good)
	h.login(t, alice)
	h.login(t, bob)
}
