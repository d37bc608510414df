package elcoin_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/caddymodule/dialect"
	"github.com/doorward/doorward/caddymodule/dialects/elcoin"
	"github.com/doorward/doorward/storage/sqlite"
)

// Law 7: ten minutes after a user has shown both factors he makes no device, and still looks
// at his own.
func TestOwnerMustLogInAgain(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	store, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "a.db")})
	must(err)
	t.Cleanup(func() { must(store.Close()) })
	ring, err := seal.NewRing(seal.NewKey())
	must(err)
	live, clock := authcore.NewLive(), authtest.NewClock()
	core := authcore.New(authcore.Options{
		Store: store, Live: live, Ring: ring, Clock: clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Issuer: "doorward", TokenLifetime: time.Hour,
	})
	must(core.Prepare(t.Context()))
	const site = "app.example.com"
	_, err = core.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "alice", Password: modelPassword})
	must(err)
	first, err := core.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
	must(err)
	_, secret, err := core.Integrators.Add(t.Context(), authcore.Operator(), authcore.Integrator{Name: "acme", Dialect: "elcoin", Shares: true})
	must(err)
	v, err := core.Logins.Primary(t.Context(), authcore.Attempt{Name: "alice", Password: modelPassword, Audience: site, ClientID: "elcoin"})
	must(err)
	login, err := core.Logins.Second(t.Context(), v, authtest.HOTP(t, first.Secret, 0))
	must(err)

	ask := func(path, body string) string {
		t.Helper()
		must(live.Refresh(t.Context(), store, clock.Now()))
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header = http.Header{
			"Content-Type": {"application/json"}, "Authorization": {"Bearer " + login.Token}, "X-App-Key": {"acme"}, "X-App-Sig": {signWith(secret, body)},
		}
		e, w := new(elcoin.Elcoin), httptest.NewRecorder()
		route, ok := e.Route(r.Method, path)
		if !ok {
			t.Fatalf("%s is not served", path)
		}
		if err := route.Serve(w, &dialect.Call{Request: r, Body: []byte(body), Core: core, Audience: site, Origin: authcore.Origin{Address: "192.0.2.1"}}); err != nil {
			e.WriteError(w, err)
		}
		return fmt.Sprint(w.Code, " ", w.Body)
	}
	const put, list = "/model/oAuthDevice/putDb", "/api/oAuthDevice/getData/oAuthDeviceSearchRequest"
	register := func(number string) string { return ask(put, `{"device_type":"totp","device_number":"`+number+`"}`) }
	clock.Turn(10 * time.Minute)
	if got := register("second"); !strings.HasPrefix(got, "200 "+modelHead) {
		t.Errorf("after ten minutes: %s", got)
	}
	clock.Turn(time.Second)
	if err := (values{}).match("403 [ERROR-LOGIN-AGAIN : {*}]", register("third")); err != nil {
		t.Error(err)
	}
	if err := (values{}).match(`200 {"status":"ok",{*},"total_records":1,"data":[]}`, ask(list, `{"only_total":1}`)); err != nil {
		t.Error(err)
	}
}
