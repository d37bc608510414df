//go:build linux

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/seal"
	"github.com/doorward/doorward/storage/sqlite"
)

// issuer and audience are those of a gateway whose configuration names none.
const issuer, audience = "doorward", "doorward"

// mint makes n sessions, each of a user and a device of its own, in the store of
// a gateway that is not running, and writes a token of each to a file, one a
// line. A hundred thousand logins would take most of an hour for their password
// hashes alone; the rows and the tokens are those that logins would make.
func mint(ctx context.Context, database, file string, n int) error {
	raw, err := sqlite.SealKey(database)
	if err != nil {
		return err
	}
	ring, err := seal.NewRing(raw)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, sqlite.Options{Path: database, CallTimeout: time.Minute})
	if err != nil {
		return err
	}
	err = mintInto(ctx, store, ring, file, n)
	return errors.Join(err, store.Close())
}

func mintInto(ctx context.Context, store authcore.Store, ring *seal.Ring, file string, n int) error {
	if err := newCore(store, ring).Prepare(ctx); err != nil { // makes the signing key
		return err
	}
	sign, err := signer(ctx, store, ring)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	lines := bufio.NewWriter(out)
	const batch = 1000
	for from := 0; from < n; from += batch {
		var sessions []authcore.Session
		err := store.Write(ctx, func(tx authcore.Tx) (err error) {
			sessions = sessions[:0]
			for i := from; i < min(n, from+batch) && err == nil; i++ {
				var s authcore.Session
				s, err = createSession(tx, i)
				sessions = append(sessions, s)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, s := range sessions {
			token, err := sign(s)
			if err != nil {
				return err
			}
			fmt.Fprintln(lines, token)
		}
	}
	return lines.Flush()
}

func createSession(tx authcore.Tx, i int) (authcore.Session, error) {
	now := time.Now()
	u := authcore.User{
		ID: uuid.NewString(), Tenant: authcore.DefaultTenant, Name: fmt.Sprintf("user%d", i),
		Email: fmt.Sprintf("user%d@example.com", i), Groups: []string{"staff"}, CreatedAt: now,
	}
	d := authcore.Device{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, Serial: fmt.Sprintf("serial%d", i), Kind: authcore.KindHOTP,
		Status: authcore.StatusActive, Sealed: []byte("never opened"), Algorithm: "SHA1", Digits: 6, LookAhead: 5, CreatedAt: now,
	}
	s := authcore.Session{
		ID: uuid.NewString(), Tenant: u.Tenant, UserID: u.ID, DeviceID: d.ID, Audience: audience, ClientID: "bench",
		Address: "127.0.0.1", AuthTime: now, OTPTime: now, ExpiresAt: now.Add(authcore.DefaultLifetime),
	}
	if err := tx.CreateUser(u); err != nil {
		return s, err
	}
	if err := tx.CreateDevice(d); err != nil {
		return s, err
	}
	return s, tx.CreateSession(s)
}

// signer makes tokens as authcore does, with its key: whoever has the store and
// the seal key can.
func signer(ctx context.Context, store authcore.Store, ring *seal.Ring) (func(authcore.Session) (string, error), error) {
	var keys []authcore.SigningKey
	err := store.Read(ctx, func(tx authcore.Tx) (err error) { keys, err = tx.SigningKeys(); return err })
	if err != nil || len(keys) == 0 {
		return nil, errors.Join(errors.New("the store has no signing key"), err)
	}
	key := keys[0]
	der, err := ring.Open("signing_keys", "private", key.ID, key.Sealed)
	if err != nil {
		return nil, err
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	return func(s authcore.Session) (string, error) {
		t := jwt.NewWithClaims(jwt.GetSigningMethod(key.Algorithm), jwt.MapClaims{
			"iss": issuer, "sub": s.UserID, "aud": s.Audience, "client_id": s.ClientID, "jti": rand.Text(),
			"iat": s.AuthTime.Unix(), "nbf": s.AuthTime.Unix(), "exp": s.ExpiresAt.Unix(),
			"auth_time": s.AuthTime.Unix(), "otp_time": s.OTPTime.Unix(), "amr": []string{"pwd", "otp", "mfa"},
			"sid": s.ID, "dev": s.DeviceID, "tenant": s.Tenant, "ep": []int64{0, 0, 0},
		})
		t.Header["typ"], t.Header["kid"] = "at+jwt", key.ID
		return t.SignedString(private)
	}, nil
}

// newCore is the core as a gateway without settings has it.
func newCore(store authcore.Store, ring *seal.Ring) *authcore.Core {
	return authcore.New(authcore.Options{
		Store: store, Live: authcore.NewLive(), Ring: ring, Clock: authcore.SystemClock{},
		Log: slog.New(slog.DiscardHandler), Node: "bench", Issuer: issuer, Label: "bench",
	})
}
