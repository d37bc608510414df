package authcore_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/authcore/authtest"
)

func unbase64(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	must(t, err)
	return raw
}

// CRY-02, DEV-07, LOG-01, PWD-04: neither the files of the database nor the log
// hold a secret in any spelling.
func TestSecretsAreSealedAtRest(t *testing.T) {
	var log bytes.Buffer
	h := newCore(t, func(o *authcore.Options) {
		o.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := h.Users.Add(t.Context(), authcore.Operator(), authcore.NewUser{Name: "alice", Password: password})
	must(t, err)
	d := h.device(t, "alice", authcore.KindHOTP)
	const typed = "83617294"
	other := h.register(t, authcore.Operator(), authcore.Enrolment{User: "alice", Kind: authcore.KindTOTP, PIN: typed})
	v := h.verified(t, "alice")
	_, err = h.Logins.Second(t.Context(), v, typed+authtest.TOTP(t, other.Secret, h.clock.Now()))
	must(t, err)
	code := authtest.HOTP(t, d.Secret, 0)
	l, err := h.Logins.Second(t.Context(), v, code)
	must(t, err)
	h.passes(t, l.Token)
	h.refuses(t, l.Token+"A")
	f := newForge(t, h, l.Token)
	der, err := x509.MarshalPKCS8PrivateKey(f.signer)
	must(t, err)
	if listed, _, err := h.Devices.Get(t.Context(), authcore.Operator(), "alice"); err == nil && bytes.Contains(listed.Sealed, d.Secret) {
		t.Error("a device is listed with its secret")
	}
	must(t, h.store.Close()) // the checkpoint too

	var files bytes.Buffer
	err = filepath.WalkDir(filepath.Dir(h.file), func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		files.Write(text)
		return err
	})
	must(t, err)
	if !bytes.Contains(files.Bytes(), []byte("alice")) || !bytes.Contains(files.Bytes(), f.key.Sealed) {
		t.Fatal("the files don't hold what they must: this test looks in the wrong place")
	}
	for name, secret := range map[string][]byte{
		"private key": der, "scalar of the private key": der[36:68], // RFC 5915, in PKCS #8

		"device secret": d.Secret, "PIN": []byte(typed), "password": []byte(password), "seal key": h.sealKey, "token": []byte(l.Token),
		"signature of the token": []byte(l.Token[len(l.Token)-86:]),
	} {
		for spelling, text := range map[string][]byte{
			"raw": secret, "hex": []byte(hex.EncodeToString(secret)), "HEX": bytes.ToUpper([]byte(hex.EncodeToString(secret))),
			"Base32": []byte(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)),
			"Base64": []byte(base64.RawStdEncoding.EncodeToString(secret)), "Base64URL": []byte(base64.RawURLEncoding.EncodeToString(secret)),
		} {
			if bytes.Contains(files.Bytes(), text) {
				t.Errorf("the %s is in a file, as %s", name, spelling)
			}
			if bytes.Contains(log.Bytes(), text) {
				t.Errorf("the %s is in the log, as %s", name, spelling)
			}
		}
	}
	// Six digits may stand in any id: as a word of their own they would be the code.
	if bytes.Contains(log.Bytes(), []byte(`"`+code+`"`)) {
		t.Error("the code is in the log")
	}
}
