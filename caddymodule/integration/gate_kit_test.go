package integration

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/caddymodule/caddytestkit"
	"github.com/doorward/doorward/storage/sqlite"
)

// before is a clock that many hours ago showed what the machine's shows now.
type before time.Duration

func (b before) Now() time.Time { return time.Now().Add(-time.Duration(b)) }

// openToBrowsers is a gateway whose user has signed in with a browser, so long ago
// each, the longest first. app answers behind it.
func openToBrowsers(t *testing.T, app *backend, config string, oneLogin bool, ago ...time.Duration) (d *door, tokens []string) {
	t.Helper()
	c := caddytestkit.Start(t, "{\n"+caddytestkit.Globals+"\n}\n")
	tokens = mintBrowsers(t, filepath.Join(c.Dir, "doorward.db"), oneLogin, ago)
	mustDo(t, c.Load(config))
	d = &door{Caddy: c, app: app, client: c.Client("gate"), name: "alice", t: t}
	d.waitReady()
	return d, tokens
}

func mintBrowsers(t *testing.T, path string, oneLogin bool, ago []time.Duration) (tokens []string) {
	t.Helper()
	ctx, operator := t.Context(), authcore.Operator()
	key, err := sqlite.SealKey(path)
	mustDo(t, err)
	ring, err := seal.NewRing(key)
	mustDo(t, err)
	store, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	mustDo(t, err)
	defer func() { mustDo(t, store.Close()) }()
	const password = "mossy lantern kettle vowel"
	var device authcore.Registered
	for counter, past := range ago {
		core := authcore.New(authcore.Options{
			Store: store, Live: authcore.NewLive(), Ring: ring, Clock: before(past), Log: slog.New(slog.DiscardHandler), Issuer: "doorward", OneLogin: oneLogin,
		})
		mustDo(t, core.Prepare(ctx))
		if counter == 0 {
			_, err := core.Users.Add(ctx, operator, authcore.NewUser{Name: "alice", Password: password})
			mustDo(t, err)
			device, err = core.Devices.Register(ctx, operator, authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
			mustDo(t, err)
		}
		verified, err := core.Logins.Primary(ctx, authcore.Attempt{Name: "alice", Password: password, Audience: "doorward", ClientID: authcore.DoorPortal})
		mustDo(t, err)
		login, err := core.Logins.Second(ctx, verified, authtest.HOTP(t, device.Secret, int64(counter)))
		mustDo(t, err)
		tokens = append(tokens, login.Token)
	}
	return tokens
}
