package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"github.com/doorward/doorward/authcore/seal"
	"pgregory.net/rapid"
)

func TestOpensWhatItSealed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, bytesOf := rapid.String(), rapid.SliceOf(rapid.Byte())
		ring := mustRing(t, seal.NewKey())
		table, column, row := text.Draw(t, "table"), text.Draw(t, "column"), text.Draw(t, "row")
		plain := bytesOf.Draw(t, "plain")

		sealed := ring.Seal(table, column, row, plain)
		if len(sealed) != len(plain)+37 {
			t.Fatalf("%d bytes became %d, want 37 more", len(plain), len(sealed))
		}
		opened, err := ring.Open(table, column, row, sealed)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opened %x, %v; want %x", opened, err, plain)
		}
	})
}

func TestSealsDifferentlyEveryTime(t *testing.T) {
	ring := mustRing(t, seal.NewKey())
	seen := map[string]bool{}
	for range 1000 {
		sealed := ring.Seal("devices", "secret", "42", []byte("a secret"))
		if bytes.Contains(sealed, []byte("a secret")) {
			t.Fatal("the plain text stands in the sealed value")
		}
		seen[string(sealed)] = true
	}
	if len(seen) != 1000 {
		t.Fatalf("1000 seals of one value gave %d different ones", len(seen))
	}
}

// What was sealed once must open for ever. The value was made by another
// implementation of HKDF and AES-GCM.
func TestFormatIsFixed(t *testing.T) {
	ring := mustRing(t, goldenKey())
	plain, err := ring.Open("devices", "secret", "42", golden(t))
	if err != nil || string(plain) != "12345678901234567890" {
		t.Fatalf("opened %q, %v", plain, err)
	}
	if !bytes.HasPrefix(golden(t), ring.Prefix()) {
		t.Fatalf("prefix is %x, want the beginning of %x", ring.Prefix(), golden(t))
	}
}

func TestOpensNowhereElse(t *testing.T) {
	ring := mustRing(t, seal.NewKey())
	sealed := ring.Seal("devices", "secret", "42", []byte("a secret"))
	for _, place := range [][3]string{
		{"users", "secret", "42"},
		{"devices", "private", "42"},
		{"devices", "secret", "43"},
		{"devices", "secret", ""},
		{"", "", ""},
		{"Devices", "secret", "42"},
		{"devicess", "ecret", "42"},
		{"devices", "secret4", "2"},
		{"devices", "secret42", ""},
		{"secret", "devices", "42"},
		{"devices|secret", "42", ""},
	} {
		plain, err := ring.Open(place[0], place[1], place[2], sealed)
		if !errors.Is(err, seal.ErrCorrupt) || plain != nil {
			t.Errorf("at %q it opened to %q, %v", place, plain, err)
		}
	}
}

func TestPlacesAreUnambiguous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[ab|\x00-\x03]{0,3}`)
		here := [3]string{part.Draw(t, "a"), part.Draw(t, "b"), part.Draw(t, "c")}
		there := [3]string{part.Draw(t, "d"), part.Draw(t, "e"), part.Draw(t, "f")}
		ring := mustRing(t, goldenKey())
		sealed := ring.Seal(here[0], here[1], here[2], []byte("a secret"))
		_, err := ring.Open(there[0], there[1], there[2], sealed)
		if (err == nil) != (here == there) {
			t.Fatalf("sealed at %q, opened at %q: %v", here, there, err)
		}
	})
}

func TestEveryFlippedBitRefuses(t *testing.T) {
	ring := mustRing(t, goldenKey())
	for i := range golden(t) {
		for bit := range 8 {
			sealed := golden(t)
			sealed[i] ^= 1 << bit
			want := seal.ErrCorrupt
			if 1 <= i && i <= 8 {
				want = seal.ErrUnknownKey // another key ID
			}
			if plain, err := ring.Open("devices", "secret", "42", sealed); !errors.Is(err, want) || plain != nil {
				t.Errorf("byte %d, bit %d: opened to %q, %v; want %v", i, bit, plain, err, want)
			}
		}
	}
}

func TestCutOffOrLongerRefuses(t *testing.T) {
	ring := mustRing(t, goldenKey())
	whole := golden(t)
	for n := range whole {
		if plain, err := ring.Open("devices", "secret", "42", whole[:n]); !errors.Is(err, seal.ErrCorrupt) || plain != nil {
			t.Errorf("%d bytes of %d: opened to %q, %v", n, len(whole), plain, err)
		}
	}
	if _, err := ring.Open("devices", "secret", "42", append(slices.Clone(whole), 0)); !errors.Is(err, seal.ErrCorrupt) {
		t.Errorf("one byte more: %v", err)
	}
	if _, err := ring.Open("devices", "secret", "42", nil); !errors.Is(err, seal.ErrCorrupt) {
		t.Errorf("nothing: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	seeds := [][]byte{nil, {1}, golden(f), golden(f)[:9], golden(f)[:36], append(golden(f), 0), bytes.Repeat([]byte{1}, 100)}
	opened := 0
	for _, sealed := range seeds {
		f.Add("devices", "secret", "42", sealed)
		if _, err := mustRing(f, goldenKey()).Open("devices", "secret", "42", sealed); err == nil {
			opened++
		}
	}
	if opened != 1 {
		f.Fatalf("%d of %d seeds open, want 1", opened, len(seeds))
	}
	f.Fuzz(func(t *testing.T, table, column, row string, sealed []byte) {
		plain, err := mustRing(t, goldenKey()).Open(table, column, row, sealed)
		genuine := bytes.Equal(sealed, golden(t)) && table == "devices" && column == "secret" && row == "42"
		if (err == nil) != genuine {
			t.Fatalf("%q %q %q %x: opened to %q, %v", table, column, row, sealed, plain, err)
		}
		if err != nil && (plain != nil || !errors.Is(err, seal.ErrCorrupt) && !errors.Is(err, seal.ErrUnknownKey)) {
			t.Fatalf("refused with %q, %v", plain, err)
		}
	})
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func mustRing(t fataler, keys ...[]byte) *seal.Ring {
	ring, err := seal.NewRing(keys...)
	if err != nil {
		t.Fatalf("NewRing: %v", err)
	}
	return ring
}

// goldenKey is the bytes 0 to 31.
func goldenKey() []byte {
	raw := make([]byte, 32)
	for i := range raw {
		raw[i] = byte(i)
	}
	return raw
}

// golden is a value that was sealed under goldenKey for devices, secret, 42.
func golden(t fataler) []byte {
	sealed, err := hex.DecodeString("01d8783c9d72ac7f45" + "6465666768696a6b6c6d6e6f" +
		"ef28a545618ec32892d98ba89bc11692af515f2b" + "97779c0a73f9b3d93bf5898a1ca5823a")
	if err != nil {
		t.Fatalf("golden value: %v", err)
	}
	return sealed
}
