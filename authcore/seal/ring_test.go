package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore/seal"
)

func TestFirstKeySealsAndAllOpen(t *testing.T) {
	older, newer := seal.NewKey(), seal.NewKey()
	before, after := mustRing(t, older), mustRing(t, newer, older)

	old := before.Seal("devices", "secret", "42", []byte("a secret"))
	if plain, err := after.Open("devices", "secret", "42", old); err != nil || string(plain) != "a secret" {
		t.Fatalf("the second key opened %q, %v", plain, err)
	}
	young := after.Seal("devices", "secret", "42", []byte("a secret"))
	if plain, err := mustRing(t, newer).Open("devices", "secret", "42", young); err != nil || string(plain) != "a secret" {
		t.Fatalf("the first key alone opened %q, %v", plain, err)
	}
	if plain, err := before.Open("devices", "secret", "42", young); !errors.Is(err, seal.ErrUnknownKey) || plain != nil {
		t.Fatalf("without the first key it opened to %q, %v", plain, err)
	}
	if !bytes.HasPrefix(young, after.Prefix()) || bytes.HasPrefix(old, after.Prefix()) || !bytes.HasPrefix(old, before.Prefix()) {
		t.Fatalf("prefixes %x (older) and %x (newer) against %x and %x", before.Prefix(), after.Prefix(), old, young)
	}
}

func TestPrefixIsACopy(t *testing.T) {
	ring := mustRing(t, goldenKey())
	clear(ring.Prefix())
	if !bytes.HasPrefix(golden(t), ring.Prefix()) || !bytes.HasPrefix(ring.Seal("a", "b", "c", nil), ring.Prefix()) {
		t.Fatal("writing into a prefix changed the ring")
	}
}

func TestZeroRingOpensNothing(t *testing.T) {
	if plain, err := new(seal.Ring).Open("devices", "secret", "42", golden(t)); !errors.Is(err, seal.ErrUnknownKey) || plain != nil {
		t.Fatalf("opened to %q, %v", plain, err)
	}
}

func TestNewRingRefuses(t *testing.T) {
	good := bytes.Repeat([]byte("K"), 32)
	for name, c := range map[string]struct {
		keys [][]byte
		want string
	}{
		"none":   {nil, "no seal key"},
		"empty":  {[][]byte{{}}, "seal key 1 has 0 bytes: it must have 32"},
		"short":  {[][]byte{good, good[:31]}, "seal key 2 has 31 bytes: it must have 32"},
		"long":   {[][]byte{append(bytes.Clone(good), 'K')}, "seal key 1 has 33 bytes: it must have 32"},
		"double": {[][]byte{good, goldenKey(), good}, "seal key 3 is the same as seal key 1"},
	} {
		ring, err := seal.NewRing(c.keys...)
		if ring != nil || err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, %v; want %q", name, ring, err, c.want)
		}
	}
}

func TestPrintingShowsNoKey(t *testing.T) {
	raw := bytes.Repeat([]byte{0xA7}, 32)
	ring := mustRing(t, raw)
	type holder struct{ ring seal.Ring }
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "ring", ring, "value", *ring)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "ring", ring, "value", *ring)
	asJSON, err := json.Marshal(ring) //nolint:staticcheck // that nothing is marshalled is the point
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for _, shown := range []string{fmt.Sprintf(verb, ring), fmt.Sprintf(verb, *ring)} {
			if shown != "seal.Ring(1 keys)" {
				t.Errorf("%s shows %s", verb, shown)
			}
		}
		// In a private field fmt can't call our method and looks inside.
		fmt.Fprintf(&log, verb, holder{*ring})
	}
	all := log.String() + string(asJSON)
	for _, secret := range []string{hex.EncodeToString(raw[:4]), "167 167", "0xa7, 0xa7", string(raw[:4]), "gcm", "prefix:[", "schedule"} {
		if strings.Contains(strings.ToLower(all), secret) {
			t.Errorf("%q stands in %s", secret, all)
		}
	}
}

func TestParseKey(t *testing.T) {
	raw := bytes.Repeat([]byte{0xFB, 0xEF, 0xFF, 0x00}, 8) // has + and / in Base64
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		text := encoding.EncodeToString(raw)
		for _, around := range []string{text, text + "\n", " \t" + text + "\r\n"} {
			if key, err := seal.ParseKey(around); err != nil || !bytes.Equal(key, raw) {
				t.Errorf("%q: %x, %v", around, key, err)
			}
		}
	}
}

func TestParseKeyRefuses(t *testing.T) {
	whole := base64.StdEncoding.EncodeToString(goldenKey())
	for text, want := range map[string]string{
		"":                             "the key has 0 bytes",
		"  \n":                         "the key has 0 bytes",
		whole[:40]:                     "the key has 30 bytes",
		whole[:43] + "==":              "the key is 45 characters that are not Base64",
		whole[:43] + "=\n" + whole:     "the key is 89 characters that are not Base64",
		whole[:20] + "\n" + whole[20:]: "the key is 45 characters that are not Base64",
		whole[:42] + "9=":              "the key is 44 characters that are not Base64", // bits beyond the 32nd byte
		whole[:40] + "-/8=":            "the key is 44 characters that are not Base64", // both alphabets
		strings.Repeat("0f", 32):       "the key has 48 bytes",
		"correct horse battery":        "the key is 21 characters that are not Base64",
	} {
		key, err := seal.ParseKey(text)
		if key != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %x, %v; want %q", text, key, err, want)
			continue
		}
		if text := strings.TrimSpace(text); text != "" && strings.Contains(err.Error(), text[:8]) {
			t.Errorf("%q repeats the text", err)
		}
	}
}

func TestNewKeyIsFreshAndFits(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		key := seal.NewKey()
		if parsed, err := seal.ParseKey(base64.StdEncoding.EncodeToString(key)); err != nil || !bytes.Equal(parsed, key) {
			t.Fatalf("a new key does not read back: %v", err)
		}
		seen[string(key)] = true
	}
	if len(seen) != 1000 {
		t.Fatalf("1000 keys, %d of them different", len(seen))
	}
}
