package authcore_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// awaitedApp registers a device that waits for its app.
func (h *house) awaitedApp(t testing.TB, user string) authcore.Registered {
	t.Helper()
	r, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: user, Kind: authcore.KindMobile, Address: "push:1"})
	must(t, err)
	return r
}

// An app reads whom to ask and brings its key once: from then on the device counts.
func TestAppBringsItsKey(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	for name, key := range map[string]crypto.Signer{"P-256": newP256(t), "Ed25519": private} {
		t.Run(name, func(t *testing.T) {
			h, _ := answersHere(t, func(o *authcore.Options) { o.Label = "Acme & Co" })
			h.user(t, "alice")
			r := h.awaitedApp(t, "alice")
			want := "doorward://enrol?url=https%3A%2F%2Fapp.example.com%2F.doorward%2Fdevice&token=" + tokenText(r) + "&issuer=Acme%20%26%20Co&user=alice"
			if r.URI != want || len(r.Secret) != 20 || r.Device.Status != authcore.StatusPending || len(r.Device.Sealed) != 0 {
				t.Errorf("registered %+v, want %s", r, want)
			}
			v := h.verified(t, "alice")
			if step := h.next(t, v); step.Kind == authcore.KindMobile {
				t.Errorf("it is asked before it has a key: %+v", step)
			}
			wantCode(t, second(h.Logins.Send(t.Context(), v)), authcore.CodeConflict) // nor is it sent a code
			e := keyEnrolment(t, h, r, key)
			e.Address = "push:2"
			d, err := h.Devices.EnrolKey(t.Context(), e, authcore.Origin{Address: "198.51.100.7"})
			must(t, err)
			if d.Status != authcore.StatusActive || d.Address != "push:2" || len(d.AppKey) == 0 || len(d.Enrolment) != 0 || d.ID != r.Device.ID {
				t.Errorf("enrolled %+v", d)
			}
			_, err = h.Devices.EnrolKey(t.Context(), e, authcore.Origin{})
			wantCode(t, err, authcore.CodeUnauthenticated)
			a := &answerer{d, key, h.clock}
			step := h.next(t, v)
			_, err = h.Devices.Answer(t.Context(), a.says(t, h.waiting(t, a).ID, "yes", step.Number), authcore.Origin{})
			must(t, err)
			_, err = h.Logins.Answered(t.Context(), v)
			must(t, err)
		})
	}
}

// Whatever is wrong with a token reads alike; of the key and the proof it is said what.
func TestKeysThatAreRefused(t *testing.T) {
	h, asker := answersHere(t, nil)
	asker.Refuse = func(address string) error {
		if address == "push:x" {
			return authcore.Errorf(authcore.CodeInvalid, "not here")
		}
		return nil
	}
	h.user(t, "alice")
	r, key := h.awaitedApp(t, "alice"), newP256(t)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	const typ = "doorward-enrol+jwt"
	now := h.clock.Now().Unix()
	proof := func(c authtest.Claims) string { return authtest.JWS(t, key, typ, proofClaims(h, r).With(c)) }
	good := keyEnrolment(t, h, r, key)
	for name, c := range map[string]struct {
		change func(*authcore.KeyEnrolment)
		want   authcore.Code
	}{
		"no token":           {func(e *authcore.KeyEnrolment) { e.Token = "" }, authcore.CodeUnauthenticated},
		"a wrong token":      {func(e *authcore.KeyEnrolment) { e.Token = strings.Repeat("A", 32) }, authcore.CodeUnauthenticated},
		"the token in small": {func(e *authcore.KeyEnrolment) { e.Token = strings.ToLower(e.Token) }, authcore.CodeUnauthenticated},
		"no key":             {func(e *authcore.KeyEnrolment) { e.PublicKey = nil }, authcore.CodeInvalid},
		"more than a key": {func(e *authcore.KeyEnrolment) {
			e.PublicKey = append(e.PublicKey[:len(e.PublicKey):len(e.PublicKey)], 0)
		}, authcore.CodeInvalid},
		"another curve":   {func(e *authcore.KeyEnrolment) { e.PublicKey = publicDER(t, p384.Public()) }, authcore.CodeInvalid},
		"RSA":             {func(e *authcore.KeyEnrolment) { e.PublicKey = publicDER(t, weak.Public()) }, authcore.CodeInvalid},
		"another's key":   {func(e *authcore.KeyEnrolment) { e.PublicKey = publicDER(t, newP256(t).Public()) }, authcore.CodeInvalid},
		"no proof":        {func(e *authcore.KeyEnrolment) { e.Proof = "" }, authcore.CodeInvalid},
		"HMAC of the key": {func(e *authcore.KeyEnrolment) { e.Proof = authtest.JWS(t, e.PublicKey, typ, proofClaims(h, r)) }, authcore.CodeInvalid},
		"another type": {func(e *authcore.KeyEnrolment) {
			e.Proof = authtest.JWS(t, key, "doorward-fetch+jwt", proofClaims(h, r))
		}, authcore.CodeInvalid},
		"of another token":     {func(e *authcore.KeyEnrolment) { e.Proof = proof(authtest.Claims{"token_sha256": "AAAA"}) }, authcore.CodeInvalid},
		"of no token":          {func(e *authcore.KeyEnrolment) { e.Proof = proof(authtest.Claims{"token_sha256": nil}) }, authcore.CodeInvalid},
		"for another site":     {func(e *authcore.KeyEnrolment) { e.Proof = proof(authtest.Claims{"aud": "https://x.example.com"}) }, authcore.CodeInvalid},
		"old":                  {func(e *authcore.KeyEnrolment) { e.Proof = proof(authtest.Claims{"iat": now - 61}) }, authcore.CodeInvalid},
		"of the future":        {func(e *authcore.KeyEnrolment) { e.Proof = proof(authtest.Claims{"iat": now + 61}) }, authcore.CodeInvalid},
		"a bad address":        {func(e *authcore.KeyEnrolment) { e.Address = "push 1" }, authcore.CodeInvalid},
		"an address not of us": {func(e *authcore.KeyEnrolment) { e.Address = "push:x" }, authcore.CodeInvalid},
	} {
		e := good
		c.change(&e)
		if _, err := h.Devices.EnrolKey(t.Context(), e, authcore.Origin{}); err == nil || authcore.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, public := range []crypto.PublicKey{p384.Public(), weak.Public()} { // before the proof is looked at
		e := good
		e.PublicKey = publicDER(t, public)
		if err := second(h.Devices.EnrolKey(t.Context(), e, authcore.Origin{})); authcore.MessageOf(err) != "the public key is one of ECDSA P-256 or Ed25519" {
			t.Errorf("a key of %T: %v", public, err)
		}
	}
	_, err = h.Devices.EnrolKey(t.Context(), good, authcore.Origin{})
	must(t, err)
}

// A token ends with its day, with the device and with the user.
func TestWhatEndsAToken(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*testing.T, *house, authcore.Registered)
		want bool
	}{
		"nearly a day": {func(_ *testing.T, h *house, _ authcore.Registered) { h.clock.Turn(authcore.EnrolLife - time.Second) }, true},
		"a day":        {func(_ *testing.T, h *house, _ authcore.Registered) { h.clock.Turn(authcore.EnrolLife) }, false},
		"the device is taken away": {func(t *testing.T, h *house, r authcore.Registered) {
			_, err := h.Devices.Deactivate(t.Context(), authcore.Operator(), r.Device.ID)
			must(t, err)
		}, false},
		"the device is removed": {func(t *testing.T, h *house, r authcore.Registered) {
			_, err := h.Devices.Remove(t.Context(), authcore.Operator(), r.Device.ID)
			must(t, err)
		}, false},
		"the user is disabled": {func(t *testing.T, h *house, _ authcore.Registered) {
			_, err := h.Users.SetDisabled(t.Context(), authcore.Operator(), "alice", true)
			must(t, err)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := answersHere(t, nil)
			h.user(t, "alice")
			r := h.awaitedApp(t, "alice")
			c.end(t, h, r)
			e := keyEnrolment(t, h, r, newP256(t))
			if !c.want {
				bad := e
				bad.PublicKey = nil // of which nothing is said: the token is looked at first
				wantCode(t, second(h.Devices.EnrolKey(t.Context(), bad, authcore.Origin{})), authcore.CodeUnauthenticated)
			}
			_, err := h.Devices.EnrolKey(t.Context(), e, authcore.Origin{})
			if (err == nil) != c.want {
				t.Errorf("error %v", err)
			}
		})
	}
}

// Of several apps that read one token one is the device.
func TestOneOfSeveralAppsIsTheDevice(t *testing.T) {
	h, _ := answersHere(t, nil)
	h.user(t, "alice")
	r := h.awaitedApp(t, "alice")
	var n atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		e := keyEnrolment(t, h, r, newP256(t))
		wg.Go(func() {
			if _, err := h.Devices.EnrolKey(t.Context(), e, authcore.Origin{}); err == nil {
				n.Add(1)
			} else if authcore.CodeOf(err) != authcore.CodeUnauthenticated {
				t.Error(err)
			}
		})
	}
	if wg.Wait(); n.Load() != 1 {
		t.Errorf("%d apps are the device", n.Load())
	}
}

// An app that is waited for is nobody's to activate or to push out, fills a place, and keeps
// nobody from his first device.
func TestAppThatIsWaitedFor(t *testing.T) {
	h, _ := answersHere(t, func(o *authcore.Options) { o.Factors = append(authcore.Factors{authcore.KindTOTP}, o.Factors...) })
	h.user(t, "alice")
	r := h.awaitedApp(t, "alice")
	v := h.verified(t, "alice")
	step := h.next(t, v) // his first device, an app that makes codes
	if !step.Enrol || step.Kind != authcore.KindTOTP {
		t.Errorf("step %+v", step)
	}
	login, err := h.Logins.Second(t.Context(), v, authtest.TOTP(t, step.Registered.Secret, h.clock.Now()))
	must(t, err)
	if got, _, err := h.Devices.Get(t.Context(), authcore.Operator(), r.Device.ID); err != nil || got.Status != authcore.StatusPending || login.Device.ID == got.ID {
		t.Errorf("the app is %+v, %v", got, err)
	}
	_, err = h.Devices.Unblock(t.Context(), authcore.Operator(), r.Device.ID)
	wantCode(t, err, authcore.CodeConflict)
	for range 3 {
		h.device(t, "alice", authcore.KindHOTP)
	}
	_, err = h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindHOTP})
	wantCode(t, err, authcore.CodeConflict)
	_, err = h.Devices.EnrolKey(t.Context(), keyEnrolment(t, h, r, newP256(t)), authcore.Origin{})
	must(t, err)
}

// What can't be asked is not registered.
func TestAnswerersThatAreRefused(t *testing.T) {
	h, asker := answersHere(t, nil)
	h.user(t, "alice")
	asker.Refuse = func(address string) error {
		if strings.Contains(address, "listed") {
			return nil
		}
		return authcore.Errorf(authcore.CodeInvalid, "not listed")
	}
	for name, c := range map[string]struct {
		kind    authcore.DeviceKind
		address string
		want    bool
	}{
		"https":                       {authcore.KindHTTP, "https://listed.example.com/a?b=c", true},
		"http of this machine":        {authcore.KindHTTP, "http://127.0.0.1:8080/listed", true},
		"http of this machine, named": {authcore.KindHTTP, "http://localhost/listed", true},
		"none":                        {authcore.KindHTTP, "", false},
		"http":                        {authcore.KindHTTP, "http://listed.example.com/", false},
		"another scheme":              {authcore.KindHTTP, "ftp://listed.example.com/", false},
		"no scheme":                   {authcore.KindHTTP, "//listed.example.com/", false},
		"no host":                     {authcore.KindHTTP, "https:///listed", false},
		"opaque":                      {authcore.KindHTTP, "https:listed", false},
		"a password":                  {authcore.KindHTTP, "https://a:b@listed.example.com/", false},
		"a fragment":                  {authcore.KindHTTP, "https://listed.example.com/#a", false},
		"an empty fragment":           {authcore.KindHTTP, "https://listed.example.com/#", false},
		"a space":                     {authcore.KindHTTP, "https://listed.example.com/a b", false},
		"a line end":                  {authcore.KindHTTP, "https://listed.example.com/a\n", false},
		"another alphabet":            {authcore.KindHTTP, "https://listed.example.com/ы", false},
		"not a URL":                   {authcore.KindHTTP, "https://listed.example.com:x/", false},
		"too long":                    {authcore.KindHTTP, "https://listed.example.com/" + strings.Repeat("a", 2048), false},
		"not in the configuration":    {authcore.KindHTTP, "https://other.example.com/", false},
		"a queue":                     {authcore.KindStomp, "/queue/listed", true},
		"a queue without a slash":     {authcore.KindStomp, "queue/listed", false},
		"a queue of 256":              {authcore.KindStomp, "/listed" + strings.Repeat("a", 249), false},
		"an app":                      {authcore.KindMobile, "listed", true},
		"an app nowhere":              {authcore.KindMobile, "", false},
		"an app with a long token":    {authcore.KindMobile, "listed" + strings.Repeat("a", 1019), false},
	} {
		r, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: c.kind, Address: c.address})
		if (err == nil) != c.want || err != nil && authcore.CodeOf(err) != authcore.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_, err = h.Devices.Deactivate(t.Context(), authcore.Operator(), r.Device.ID)
			must(t, err)
		}
	}
	for name, e := range map[string]authcore.Enrolment{
		"a secret of his own": {Secret: []byte(strings.Repeat("a", 32))}, "a PIN": {PIN: "1234"}, "in stock": {}, "codes awaited": {Awaits: authcore.AwaitsCodes},
	} {
		e.Kind, e.Address = authcore.KindHTTP, "https://listed.example.com/"
		if e.User = "alice"; name == "in stock" {
			e.User = ""
		}
		_, err := h.Devices.Register(t.Context(), authcore.Operator(), e)
		if wantCode(t, err, authcore.CodeInvalid); err == nil {
			t.Error(name)
		}
	}
	_, err := h.again(t, func(o *authcore.Options) { o.PublicURL = "" }).Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindMobile, Address: "listed"})
	if wantCode(t, err, authcore.CodeInvalid); !strings.Contains(authcore.MessageOf(err), "public_url") {
		t.Error(err)
	}
	plain := h.again(t, func(o *authcore.Options) {
		o.Channels = map[authcore.DeviceKind]authcore.Channel{authcore.KindHTTP: new(authtest.Outbox), authcore.KindStomp: new(authtest.Outbox), authcore.KindMobile: new(authtest.Outbox)}
	})
	for kind, want := range map[authcore.DeviceKind]bool{authcore.KindHTTP: false, authcore.KindStomp: false, authcore.KindMobile: true} {
		_, err := plain.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: kind, Address: map[authcore.DeviceKind]string{authcore.KindHTTP: "https://a.example.com/", authcore.KindStomp: "/a", authcore.KindMobile: "a"}[kind]})
		if (err == nil) != want {
			t.Errorf("%s by a channel that only sends: %v", kind, err)
		}
	}
}

// Nobody enrols by himself what answers, and nobody is told there of a change.
func TestAnswerersAreNotOffered(t *testing.T) {
	h, asker := answersHere(t, func(o *authcore.Options) {
		o.Factors = authcore.Factors{authcore.KindHTTP, authcore.KindStomp, authcore.KindMobile, authcore.KindTOTP}
	})
	h.user(t, "alice")
	v := h.verified(t, "alice")
	ways, err := h.Logins.Ways(t.Context(), v)
	must(t, err)
	if len(ways.Enrol) != 1 || ways.Enrol[0] != authcore.KindTOTP {
		t.Errorf("he is offered %v", ways.Enrol)
	}
	if step := h.next(t, v); step.Kind != authcore.KindTOTP || !step.Enrol {
		t.Errorf("step %+v", step)
	}
	h.answerer(t, "alice", authcore.KindHTTP)
	h.answerer(t, "alice", authcore.KindMobile)
	h.live.Settle()
	if told := asker.Told(t, 0); len(told) != 0 {
		t.Errorf("told %+v", told)
	}
	_, err = h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP, Welcome: authcore.KindHTTP})
	wantCode(t, err, authcore.CodeInvalid)
}
