package integration

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// signer has a key and makes signatures with the command jose: another implementation
// of JOSE than ours.
type signer struct {
	alg, file string
	t         testing.TB
}

func newSigner(t testing.TB, alg string) *signer {
	t.Helper()
	s := &signer{alg: alg, file: filepath.Join(t.TempDir(), "key.jwk"), t: t}
	s.jose("", "jwk", "gen", "-i", `{"alg":"`+alg+`"}`, "-o", s.file)
	return s
}

// secretSigner signs with a secret of the test's choice.
func secretSigner(t testing.TB, alg string, secret []byte) *signer {
	t.Helper()
	s := &signer{alg: alg, file: filepath.Join(t.TempDir(), "key.jwk"), t: t}
	key := fmt.Sprintf(`{"kty":"oct","k":%q}`, base64.RawURLEncoding.EncodeToString(secret))
	if err := os.WriteFile(s.file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *signer) jose(in string, args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "jose", args...)
	var out, talk bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &talk
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("jose (apt-get install jose) %v: %v %s", args, err, &talk)
	}
	return strings.TrimSpace(out.String())
}

// public is what `integrator add --public-key` reads.
func (s *signer) public() []byte {
	s.t.Helper()
	text, err := os.ReadFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	var jwk struct{ X, Y string }
	if err := json.Unmarshal(text, &jwk); err != nil {
		s.t.Fatal(err)
	}
	point := []byte{4} // uncompressed: SEC 1 section 2.3.3
	for _, coordinate := range []string{jwk.X, jwk.Y} {
		part, err := base64.RawURLEncoding.DecodeString(coordinate)
		if err != nil {
			s.t.Fatal(err)
		}
		point = append(point, part...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P521(), point)
	if err != nil {
		s.t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// claims are those of a call that is made now.
func claims(method, path, body string) map[string]any {
	sum := md5.Sum([]byte(body)) //nolint:gosec // what the vendor's callers send
	return map[string]any{
		"payload_md5": hex.EncodeToString(sum[:]), "timestamp": stamp(time.Now()), "method": method, "uri": path,
	}
}

// stamp is a time as the vendor's sample writes it.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

// sign makes the JWT of a call as the vendor's documents have it.
func (s *signer) sign(method, path, body string) string {
	s.t.Helper()
	payload, err := json.Marshal(claims(method, path, body))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.signText(string(payload))
}

// signText signs whatever the claims are written as.
func (s *signer) signText(payload string) string {
	s.t.Helper()
	return s.signed(`{"typ":"JWT","alg":"`+s.alg+`"}`, payload)
}

// signed signs with a header of the caller's.
func (s *signer) signed(header, payload string) string {
	s.t.Helper()
	return s.jose(payload, "jws", "sig", "-I", "-", "-k", s.file, "-s", `{"protected":`+header+`}`, "-c", "-o", "-")
}

// jwk is the public key as JSON.
func (s *signer) jwk() string {
	s.t.Helper()
	return s.jose("", "jwk", "pub", "-i", s.file, "-o", "-")
}

// turnedOver is the other signature that the same signature is: s and n-s both fit,
// whoever has seen one can write the other.
func turnedOver(t testing.TB, jwt string) string {
	t.Helper()
	at := strings.LastIndexByte(jwt, '.') + 1
	signature, err := base64.RawURLEncoding.DecodeString(jwt[at:])
	if err != nil || len(signature) != 132 {
		t.Fatalf("the signature of %s has %d bytes, %v", jwt, len(signature), err)
	}
	s := new(big.Int).SetBytes(signature[66:])
	s.Sub(elliptic.P521().Params().N, s).FillBytes(signature[66:])
	return jwt[:at] + base64.RawURLEncoding.EncodeToString(signature)
}
