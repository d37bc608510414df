package authcore_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"testing"

	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

// answersHere is a house with a channel that asks devices of every kind that answers.
func answersHere(t testing.TB, change func(*authcore.Options)) (*house, *authtest.Asker) {
	t.Helper()
	asker := new(authtest.Asker)
	return newCore(t, func(o *authcore.Options) {
		o.PublicURL = issuer
		o.Channels = map[authcore.DeviceKind]authcore.Channel{
			authcore.KindHTTP: asker, authcore.KindStomp: asker, authcore.KindMobile: asker, authcore.KindPhone: asker, authcore.KindEmail: asker,
		}
		o.Factors = authcore.Factors{authcore.KindHTTP, authcore.KindStomp, authcore.KindMobile, authcore.KindPhone, authcore.KindTOTP, authcore.KindHOTP}
		if change != nil {
			change(o)
		}
	}), asker
}

// answerer is a device that answers, and what it signs with.
type answerer struct {
	device authcore.Device
	key    any
	clock  authcore.Clock
}

var askedAt = map[authcore.DeviceKind]string{
	authcore.KindHTTP: "https://alice.example.com/doorward", authcore.KindStomp: "/queue/doorward.alice", authcore.KindMobile: "app-of-alice",
}

// answerer registers a device of a user there is; an app is enrolled too.
func (h *house) answerer(t testing.TB, user string, kind authcore.DeviceKind) *answerer {
	t.Helper()
	r, err := h.Devices.Register(t.Context(), authcore.Operator(), authcore.Enrolment{User: user, Kind: kind, Address: askedAt[kind]})
	must(t, err)
	a := &answerer{r.Device, r.Secret, h.clock}
	if kind == authcore.KindMobile {
		key := newP256(t)
		a.key = key
		a.device, err = h.Devices.EnrolKey(t.Context(), keyEnrolment(t, h, r, key), authcore.Origin{})
		must(t, err)
	}
	return a
}

func newP256(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

func publicDER(t testing.TB, key crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	must(t, err)
	return der
}

func tokenText(r authcore.Registered) string { return base32.StdEncoding.EncodeToString(r.Secret) }

func proofClaims(h *house, r authcore.Registered) authtest.Claims {
	sum := sha256.Sum256([]byte(tokenText(r)))
	return authtest.Claims{"aud": issuer, "iat": h.clock.Now().Unix(), "token_sha256": base64.RawURLEncoding.EncodeToString(sum[:])}
}

// keyEnrolment is what an app brings for a device that was registered.
func keyEnrolment(t testing.TB, h *house, r authcore.Registered, key crypto.Signer) authcore.KeyEnrolment {
	t.Helper()
	return authcore.KeyEnrolment{
		Token: tokenText(r), PublicKey: publicDER(t, key.Public()), Proof: authtest.JWS(t, key, "doorward-enrol+jwt", proofClaims(h, r)),
	}
}

// claims are those of an answer to a question.
func (a *answerer) claims(id, says, number string) authtest.Claims {
	now := a.clock.Now().Unix()
	c := authtest.Claims{"iss": a.device.ID, "aud": issuer, "jti": id, "iat": now, "exp": now + 300, "answer": says}
	if number != "" {
		c["number"] = number
	}
	return c
}

func (a *answerer) says(t testing.TB, id, says, number string) string {
	t.Helper()
	return authtest.JWS(t, a.key, "doorward-answer+jwt", a.claims(id, says, number))
}

func (a *answerer) fetch(t testing.TB) string {
	t.Helper()
	return authtest.JWS(t, a.key, "doorward-fetch+jwt", authtest.Claims{"iss": a.device.ID, "aud": issuer, "iat": a.clock.Now().Unix(), "jti": uuid.NewString()})
}

// waiting gives the one question that waits for an app.
func (h *house) waiting(t testing.TB, a *answerer) authcore.Pending {
	t.Helper()
	list, err := h.Devices.Waiting(t.Context(), a.fetch(t), authcore.Origin{})
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d questions wait, want 1: %+v", len(list), list)
	}
	return list[0]
}

// questionID is the ID of the question that the device was asked last.
func (h *house) questionID(t testing.TB, asker *authtest.Asker, a *answerer) string {
	t.Helper()
	if a.device.Kind == authcore.KindMobile {
		return h.waiting(t, a).ID
	}
	return asker.Question(t).ID
}
