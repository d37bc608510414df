package pskc_test

import (
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/doorward/doorward/authcore/oath"
	"github.com/doorward/doorward/authcore/pskc"
)

const secret = "12345678901234567890"

// result is what came out of a container, in its order.
type result struct {
	keys    []pskc.Key
	refused []*pskc.KeyError
	err     error // that ended it; nil: it was read to its end
	signed  bool
}

func read(t *testing.T, container string, unlock pskc.Unlock, now time.Time) (got result) {
	t.Helper()
	r := pskc.NewReader(strings.NewReader(container), unlock)
	r.At(now)
	for {
		k, err := r.Next()
		var refused *pskc.KeyError
		switch {
		case err == nil:
			got.keys = append(got.keys, k)
		case errors.As(err, &refused):
			got.refused = append(got.refused, refused)
		default:
			if _, again := r.Next(); again == nil || again.Error() != err.Error() {
				t.Errorf("Next after %v: %v", err, again)
			}
			if !errors.Is(err, io.EOF) {
				got.err = err
			}
			got.signed = r.Signed()
			return got
		}
		if err != nil && !reflect.DeepEqual(k, pskc.Key{}) {
			t.Errorf("a refused key came out: %v", err)
		}
	}
}

func preShared(t *testing.T, key string) pskc.Unlock {
	t.Helper()
	b, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	return pskc.Unlock{PreShared: b}
}

func figure(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// today is later than all that the RFC names.
var today = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestFigures(t *testing.T) {
	key := func(line int, serial, manufacturer string, digits int) pskc.Key {
		return pskc.Key{
			Line: line, Serial: serial, Manufacturer: manufacturer, Kind: "hotp",
			Secret: []byte(secret), Algorithm: oath.SHA1, Digits: digits,
		}
	}
	may := time.Date(2006, 5, 31, 0, 0, 0, 0, time.UTC)
	expiring := func(k pskc.Key) pskc.Key {
		k.Expires = may
		return k
	}
	type refusal struct {
		line         int
		serial, says string
	}
	key6 := preShared(t, "12345678901234567890123456789012")
	for _, c := range []struct {
		figure  string
		unlock  pskc.Unlock
		now     time.Time
		keys    []pskc.Key
		refused []refusal
	}{
		{figure: "figure2", refused: []refusal{{5, "12345678", "<AlgorithmParameters> is missing"}}},
		{figure: "figure3", keys: []pskc.Key{key(5, "987654321", "Manufacturer", 8)}},
		{figure: "figure4", refused: []refusal{{4, "987654321", "derived from another one (<KeyProfileId>)"}}},
		{
			figure: "figure5", keys: []pskc.Key{key(5, "987654321", "Manufacturer", 8)},
			refused: []refusal{{36, "987654321", `"urn:ietf:params:xml:ns:keyprov:pskc:pin"`}},
		},
		{figure: "figure6", unlock: key6, keys: []pskc.Key{key(20, "987654321", "Manufacturer", 8)}},
		{figure: "figure7", unlock: pskc.Unlock{Password: "qwerty"}, keys: []pskc.Key{key(40, "987654321", "TokenVendorAcme", 8)}},
		{figure: "figure8", refused: []refusal{{23, "987654321", "encrypted with a certificate or another key of the kind <X509Data>"}}},
		{figure: "figure8", unlock: key6, refused: []refusal{{23, "987654321", "encrypted with a certificate"}}},
		{figure: "figure9", keys: []pskc.Key{key(7, "0755225266", "TokenVendorAcme", 6)}},
		{figure: "figure10", refused: []refusal{
			{4, "654321", "since 2006-05-31"},
			{31, "123456", "since 2006-05-31"},
			{58, "9999999", "since 2006-03-31"},
			{85, "9999999", "since 2006-04-30"},
		}},
		{
			figure: "figure10", now: may,
			keys:    []pskc.Key{expiring(key(4, "654321", "TokenVendorAcme", 8)), expiring(key(31, "123456", "TokenVendorAcme", 8))},
			refused: []refusal{{58, "9999999", "since 2006-03-31"}, {85, "9999999", "since 2006-04-30"}},
		},
		{figure: "figure10", now: may.AddDate(0, -2, 0), refused: []refusal{
			{4, "654321", "before 2006-05-01"}, {31, "123456", "before 2006-05-01"}, {85, "9999999", "before 2006-04-01"},
		}, keys: []pskc.Key{{
			Line: 58, Serial: "9999999", Manufacturer: "TokenVendorAcme", Kind: "hotp", Secret: []byte(secret),
			Algorithm: oath.SHA1, Digits: 8, Expires: may.AddDate(0, -2, 0),
		}}},
	} {
		if c.now.IsZero() {
			c.now = today
		}
		got := read(t, figure(t, c.figure), c.unlock, c.now)
		if got.err != nil || !reflect.DeepEqual(got.keys, c.keys) {
			t.Errorf("%s: %+v, %v", c.figure, got.keys, got.err)
		}
		var refused []refusal
		for i, e := range got.refused {
			r := refusal{e.Line, e.Serial, e.Reason}
			if i < len(c.refused) && strings.Contains(e.Reason, c.refused[i].says) {
				r.says = c.refused[i].says
			}
			refused = append(refused, r)
		}
		if !reflect.DeepEqual(refused, c.refused) {
			t.Errorf("%s: refused %+v", c.figure, refused)
		}
		if got.signed != (c.figure == "figure9") {
			t.Errorf("%s: signed %v", c.figure, got.signed)
		}
	}
}
