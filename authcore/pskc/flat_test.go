package pskc_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore/pskc"
)

// least is a KeyPackage that has no more than it needs.
const least = `<KeyPackage><Key Id="%d" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">` +
	`<AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>` +
	`<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret></Data></Key></KeyPackage>`

// many is a container of n keys that is made while it is read.
type many struct {
	n, at int
	rest  string
}

func (m *many) Read(p []byte) (int, error) {
	for m.rest == "" {
		switch {
		case m.at == 0:
			m.rest = head
		case m.at <= m.n:
			m.rest = fmt.Sprintf(least, m.at)
		case m.at == m.n+1:
			m.rest = foot
		default:
			return 0, io.EOF
		}
		m.at++
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// The 100 000th key takes no more memory than the first.
func TestFlatMemory(t *testing.T) {
	const keys, bound = 100_000, 4 << 20
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	r := pskc.NewReader(&many{n: keys}, pskc.Unlock{})
	before := live()
	for i := 1; i <= keys; i++ {
		k, err := r.Next()
		if err != nil || k.Serial != strconv.Itoa(i) {
			t.Fatalf("key %d: %+v, %v", i, k, err)
		}
		if i%20_000 == 0 {
			if now := live(); now > before+bound {
				t.Fatalf("after %d keys %d bytes are held, and %d before", i, now, before)
			}
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

// What never ends is given up while it is small.
func TestEndless(t *testing.T) {
	for _, c := range []struct{ start, again, says string }{
		{"", " ", "longer than 64 KiB"},
		{"", "A", "text between the elements"},
		{"<!-- ", "A", "longer than 64 KiB"},
		{"<?x ", "A", "longer than 64 KiB"},
		{"<!DOCTYPE x [", "<!ENTITY a 'A'>", "longer than 64 KiB"},
		{"<KeyPackage><![CDATA[", "A", "longer than 64 KiB"},
		{"<KeyPackage><", "A", "longer than 64 KiB"},
		{"<KeyPackage><x y='", "A", "longer than 64 KiB"},
		{"<KeyPackage>", "<x/>", "longer than 64 KiB"},
		{"<KeyPackage>", "<x>", "33 deep"},
	} {
		read := 0
		r := pskc.NewReader(io.MultiReader(strings.NewReader(head+c.start), readerFunc(func(p []byte) (int, error) {
			for i := range p {
				p[i] = c.again[read%len(c.again)]
				read++
			}
			return len(p), nil
		})), pskc.Unlock{})
		if _, err := r.Next(); err == nil || !strings.Contains(err.Error(), c.says) || read > 1<<20 {
			t.Errorf("%q: %v after %d bytes", c.start+c.again, err, read)
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
