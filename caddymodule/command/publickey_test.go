package command

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keyFiles writes files of one key, by what is in them.
func keyFiles(t *testing.T) (folder string, public []byte, secret string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err1 := x509.MarshalPKIXPublicKey(key.Public())
	private, err2 := x509.MarshalPKCS8PrivateKey(key)
	old, err3 := x509.MarshalECPrivateKey(key)
	scalar, err4 := key.Bytes()
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		t.Fatal(err1, err2, err3, err4)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	files := map[string]string{
		"public.pem":  "made for acme\n" + block("PUBLIC KEY", public),
		"private.pem": block("PRIVATE KEY", private),
		"old.pem":     block("EC PRIVATE KEY", old),
		"sealed.pem":  block("ENCRYPTED PRIVATE KEY", private),
		"both.pem":    block("PUBLIC KEY", public) + block("PRIVATE KEY", private),
		"broken.pem":  block("PUBLIC KEY", public) + strings.TrimSuffix(block("PRIVATE KEY", private), "-----\n"),
		"hidden.pem":  block("PUBLIC KEY", private),
		"two.pem":     strings.Repeat(block("PUBLIC KEY", public), 2),
		"cert.pem":    block("CERTIFICATE", public),
		"raw.der":     string(public),
		"secret.der":  string(private),
		"empty":       "",
		"long":        strings.Repeat("\n", maxKeyFile) + block("PUBLIC KEY", public),
	}
	folder = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder, public, string(scalar)
}

// The key alone is sent, whatever stands around it.
func TestPublicKeyIsSent(t *testing.T) {
	s := newServer(t)
	s.answer = `{"id":"i1","name":"acme","key":"i1"}`
	folder, public, _ := keyFiles(t)
	stdout, stderr, err := run("", "integrator", "add", "acme", "--dialect", "qitech", "--public-key", filepath.Join(folder, "public.pem"), "--address", s.address)
	if err != nil || stderr != "" || stdout != "name: acme\nkey: i1\nid: i1\n" {
		t.Errorf("%v: %q %q", err, stdout, stderr)
	}
	if want := `integrator/add {"name":"acme","dialect":"qitech","public_key":"` + base64.StdEncoding.EncodeToString(public) + `"}`; s.asked != want {
		t.Errorf("asked is %s, want %s", s.asked, want)
	}
}

// A private key is refused, and nothing of it is sent or repeated.
func TestPublicKeyThatIsNone(t *testing.T) {
	s := newServer(t)
	folder, _, secret := keyFiles(t)
	const private = "has a private key, which must stay with whoever signs: nothing was sent. Write its public key into a file of its own and name that: openssl pkey -in "
	for name, want := range map[string]string{
		"private.pem": private, "old.pem": private, "sealed.pem": private, "both.pem": private, "broken.pem": private,
		"hidden.pem": "can't be read",
		"two.pem":    "has more than one public key: which one signs?",
		"cert.pem":   "has a certificate and not only a public key, which begins with -----BEGIN PUBLIC KEY-----",
		"raw.der":    "has no public key in PEM, which begins with -----BEGIN PUBLIC KEY-----",
		"secret.der": "has no public key in PEM",
		"empty":      "has no public key in PEM",
		"long":       "is longer than 65536 bytes",
		"none":       "no such file",
		".":          "is a directory",
	} {
		got := refused(t, "", "integrator", "add", "acme", "--dialect", "qitech", "--public-key", filepath.Join(folder, name), "--address", s.address)
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if strings.Contains(got, secret) || strings.Contains(got, base64.StdEncoding.EncodeToString([]byte(secret))[:20]) {
			t.Errorf("%s: the key is in the error: %s", name, got)
		}
	}
	if s.asked != "" {
		t.Errorf("the server was asked: %s", s.asked)
	}
}
