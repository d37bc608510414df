package stomp

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-stomp/stomp/v3/frame"
)

// endless is what comes after a head, without an end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 1<<22 {
		return 0, io.ErrUnexpectedEOF
	}
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		text, body string
		long       bool
	}{
		{"MESSAGE\nack:a\\cb\\\\n\\n\n\nhi\x00", "hi", false},
		{"\n\r\n\nMESSAGE\r\nack:a\\cb\\\\n\\n\r\n\r\nhi\x00", "hi", false},
		{"MESSAGE\nack:a\\cb\\\\n\\n\nack:second\ncontent-length:4\n\nh\x00\x00i\x00", "h\x00\x00i", false},
		{"MESSAGE\nack:a\\cb\\\\n\\n\n\n" + strings.Repeat("x", maxBody) + "\x00", strings.Repeat("x", maxBody), false},
		{"MESSAGE\nack:a\\cb\\\\n\\n\n\n" + strings.Repeat("x", maxBody+1) + "\x00", strings.Repeat("x", maxBody), true},
		{"MESSAGE\nack:a\\cb\\\\n\\n\ncontent-length:4097\n\n" + strings.Repeat("x", maxBody+1) + "\x00", "", true},
	} {
		r := bufio.NewReader(strings.NewReader(c.text + "RECEIPT\n\n\x00"))
		m, err := readFrame(r)
		if err != nil || m.Command != frame.MESSAGE || string(m.Body) != c.body || m.long != c.long || m.Header.Get(frame.Ack) != "a:b\\n\n" {
			t.Errorf("%.60q is read as %+v, %v", c.text, m.Frame, err)
		}
		if m, err = readFrame(r); err != nil || m.Command != frame.RECEIPT {
			t.Errorf("%.60q: then %+v, %v", c.text, m.Frame, err)
		}
	}
}

// Nothing that a broker passes on makes us keep more than a few kilobytes, whatever length
// it says that it has.
func TestHostileFrames(t *testing.T) {
	for _, head := range []string{
		"", "MESSAGE\n", "MESSAGE\nack:", "MESSAGE\n\n", "MESSAGE\n" + strings.Repeat("a:b\n", 101) + "\n\x00",
		"MESSAGE\ncontent-length:-1\n\n", "MESSAGE\ncontent-length:x\n\n", "MESSAGE\ncontent-length:2\n\nhi!",
		"MESSAGE\ncontent-length:9223372036854775807\n\n", "MESSAGE\ncontent-length:99999999999999999999\n\n",
	} {
		perRun := testing.AllocsPerRun(1, func() {
			_, err := readFrame(bufio.NewReader(io.MultiReader(strings.NewReader(head), new(endless))))
			if !errors.Is(err, errFrame) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%.40q gives %v", head, err)
			}
		})
		if perRun > 1000 {
			t.Errorf("%.40q makes %v allocations", head, perRun)
		}
	}
}

func FuzzFrames(f *testing.F) {
	for _, seed := range []string{"MESSAGE\nack:1\n\nhi\x00", "\n\nRECEIPT\nreceipt-id:1\ncontent-length:2\n\nab\x00", "CONNECTED\nversion:1.2\n\n\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := bufio.NewReader(strings.NewReader(text))
		for range 10 {
			m, err := readFrame(r)
			if err != nil {
				return
			}
			if len(m.Body) > maxBody || m.Header.Len() > maxHeaders || m.Command == "" {
				t.Fatalf("%d bytes, %d headers, command %q", len(m.Body), m.Header.Len(), m.Command)
			}
		}
	})
}
