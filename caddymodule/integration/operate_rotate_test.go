package integration

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/caddymodule/admin"
)

func newSealKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return base64.StdEncoding.EncodeToString(key)
}

// kids are the names of the keys in the JWKS.
func (d *door) kids() (ids []string) {
	d.t.Helper()
	status, text := d.get("/.doorward/jwks.json")
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(text), &set); status != http.StatusOK || err != nil {
		d.t.Fatalf("jwks.json gives %d %s", status, text)
	}
	for _, key := range set.Keys {
		if key["d"] != "" || key["k"] != "" {
			d.t.Errorf("a private key is published")
		}
		ids = append(ids, key["kid"])
	}
	return ids
}

// traffic is requests and logins that go on until stop, each as it should be.
func (d *door) traffic() (stop func() (requests, logins int64)) {
	d.t.Helper()
	var requests, logins atomic.Int64
	done := make(chan struct{})
	var group sync.WaitGroup
	token := d.openSession().token
	device := d.addHOTP()
	codes := make([]string, 60) // made before, so that the gateway is the slow part
	for i := range codes {
		codes[i] = device.code(i)
	}
	worker := func(work func(int) bool) {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				if !work(i) {
					return
				}
			}
		})
	}
	for range 2 {
		worker(func(int) bool {
			if status, text := d.get("/", "Authorization", token); status != http.StatusOK {
				d.t.Errorf("a request with a token gives %d %s", status, text)
				return false
			}
			requests.Add(1)
			return true
		})
	}
	worker(func(i int) bool {
		if i == len(codes) {
			return false // no more codes
		}
		if status, fresh := d.login(codes[i]); status != http.StatusCreated {
			d.t.Errorf("login %d gives %d", i, status)
			return false
		} else if status, text := d.get("/", "Authorization", fresh); status != http.StatusOK {
			d.t.Errorf("the token of login %d gives %d %s", i, status, text)
			return false
		}
		logins.Add(1)
		return true
	})
	return func() (int64, int64) {
		close(done)
		group.Wait()
		return requests.Load(), logins.Load()
	}
}

// TOK-11, CRY-03: keys are changed while people log in and work, and nobody is
// refused. The old seal key can be taken away after it.
func TestKeysAreRotatedUnderLoad(t *testing.T) {
	first, second, foreign := newSealKey(), newSealKey(), newSealKey()
	app := newBackend(t, nil)
	config := func(keys ...string) string {
		return caddyfile("seal_key "+strings.Join(keys, "\nseal_key "), "api onlyoffice", "reverse_proxy "+app.Listener.Addr().String())
	}
	d := openBefore(t, app, config(first))
	old := d.openSession()
	if err := d.Load(config(second, first)); err != nil {
		t.Fatal(err)
	}
	// A server that ends may take a connection and close it: Caddy's reload is not the matter here.
	pollUntil(t, 10*time.Second, "the new server answers", func() bool {
		resp, err := d.client.Get("http://gate/.doorward/ready")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	})
	before := d.kids()
	stop := d.traffic()
	var sealed admin.Sealed
	var key admin.Key
	d.call("seal/rotate", admin.Nothing{}, &sealed)
	d.call("key/rotate", admin.Nothing{}, &key)
	d.call("seal/rotate", admin.Nothing{}, new(admin.Sealed))
	pollUntil(t, 20*time.Second, "five logins passed after the rotation", passedSince(d, 5))
	if requests, logins := stop(); requests == 0 || logins < 5 {
		t.Errorf("only %d requests and %d logins ran beside it", requests, logins)
	}
	if sealed.Changed == 0 {
		t.Error("seal/rotate changed nothing")
	}
	if after := d.kids(); len(before) != 1 || len(after) != 2 || after[0] != before[0] || after[1] != key.ID {
		t.Errorf("the JWKS shows %v, then %v, and the new key is %s", before, after, key.ID)
	}

	if err := d.Load(config(second)); err != nil {
		t.Fatalf("the old seal key can't be taken away: %v", err)
	}
	d.wantIn("a session from before", old.token)
	d.renew(&old)
	for _, wrong := range []string{first, foreign} {
		if err := d.Load(config(wrong)); err == nil || !strings.Contains(err.Error(), "seal key") || strings.Contains(err.Error(), wrong) {
			t.Errorf("a wrong seal key: %v, want an error about it without the key", err)
		}
		d.wantIn("after a configuration with a wrong seal key", old.token)
		d.renew(&old)
	}
}

// passedSince asks whether n sessions more are open than now.
func passedSince(d *door, n int) func() bool {
	count := func() int {
		var list []admin.Session
		d.call("session/list", admin.ListOf{}, &list)
		return len(list)
	}
	before := count()
	return func() bool { return count() >= before+n }
}
