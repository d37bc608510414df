package faults

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// memory is what a gateway may have taken at most, in MiB, whatever was sent.
const memory = 256

// FI-14: what is too big is refused at once, and takes no memory. Every case
// comes from 20 clients at the same time.
func TestHugeRequests(t *testing.T) {
	x := begin(t, "FI-14")
	w := newWorld(t, "sqlite doorward.db")
	n := w.prepare()
	n.env = []string{"GOMEMLIMIT=200MiB"}
	n.run()
	n.awaitReady()
	p := n.enrol("alice", 1)
	token := n.mustLogin(p)
	answers := map[string]map[int]int{}
	for _, c := range hugeRequests() {
		got := map[int]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				began := time.Now()
				status, sent := n.raw(t, c.head, c.body())
				x.took(time.Since(began), 5*time.Second, c.name)
				x.ack()
				mu.Lock()
				defer mu.Unlock()
				got[status]++
				if sent > 16<<20 {
					x.violate("%s: %d bytes were taken", c.name, sent)
				}
				if !slices.Contains(c.want, status) {
					x.violate("%s gives %d, want one of %v", c.name, status, c.want)
				}
			})
		}
		all.Wait()
		answers[c.name] = got
		if status, _ := n.get("/", token); status != http.StatusOK {
			x.violate("after %s a request gives %d", c.name, status)
		}
	}
	n.mustLogin(p)
	if peak := n.peak(); peak >= memory {
		x.violate("the gateway took %d MiB", peak)
	}
	x.note("peak_mib", n.peak())
	x.note("answers", answers)
}

type hugeRequest struct {
	name string
	head string // without Host and the empty line
	body func() io.Reader
	want []int
}

func hugeRequests() []hugeRequest {
	const login = "POST /api/2.0/authentication/123456 HTTP/1.1\r\nContent-Type: application/json\r\n"
	sized := func(text string) (string, func() io.Reader) {
		return login + fmt.Sprintf("Content-Length: %d\r\n", len(text)), func() io.Reader { return strings.NewReader(text) }
	}
	zeros := func() io.Reader { return chunks(10 << 30) }
	nothing := func() io.Reader { return strings.NewReader("") }
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			_, _ = fmt.Fprintf(&b, `"k%d":1,`, i)
		}
		return "{" + b.String() + `"userName":"alice","password":"x"}`
	}
	deepHead, deep := sized(strings.Repeat("[", 1<<20))
	shallowHead, shallow := sized(`{"userName":` + strings.Repeat("[", 8000))
	manyHead, many := sized(keys(100_000))
	someHead, some := sized(keys(600))
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 7<<20))
	_ = z.Close()
	bombHead, bombBody := sized(bomb.String())
	refused := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusServiceUnavailable}
	return []hugeRequest{
		{"10 GiB of chunks at a login", login + "Transfer-Encoding: chunked\r\n", zeros, []int{413}},
		{"10 GiB of chunks without a token", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", zeros, []int{401}},
		{"a Content-Length of 2^62", login + "Content-Length: 4611686018427387904\r\n", zeros, []int{413}},
		{"a Content-Length of 2^64", login + "Content-Length: 18446744073709551616\r\n", nothing, []int{400}},
		{"1 MiB of nesting", deepHead, deep, []int{413}},
		{"8 KB of nesting", shallowHead, shallow, []int{400}},
		{"100000 keys", manyHead, many, []int{413}},
		{"600 keys", someHead, some, refused},
		{"1 MiB of header", "GET / HTTP/1.1\r\nX-Big: " + strings.Repeat("a", 1<<20+1<<16) + "\r\n", nothing, []int{431}},
		{"10000 cookies", "GET / HTTP/1.1\r\nCookie: a=b" + strings.Repeat("; a=b", 10_000) + "\r\n", nothing, []int{400, 401, 431}},
		{"10000 header fields", "GET / HTTP/1.1\r\n" + strings.Repeat("X-A: b\r\n", 10_000), nothing, []int{400, 401, 431}},
		{"a gzip bomb", bombHead + "Content-Encoding: gzip\r\n", bombBody, []int{400, 413, 415}},
		{"multipart", "POST /api/2.0/authentication/123456 HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n", zeros, []int{400, 413, 415}},
	}
}

// chunks is so many bytes of a chunked body, made while they are read.
func chunks(size int64) io.Reader {
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1<<16, strings.Repeat("a", 1<<16))
	return io.MultiReader(io.LimitReader(&again{text: chunk}, size), strings.NewReader("0\r\n\r\n"))
}

type again struct {
	text string
	at   int
}

func (a *again) Read(p []byte) (int, error) {
	n := copy(p, a.text[a.at:])
	a.at = (a.at + n) % len(a.text)
	return n, nil
}

// raw sends head and body over a connection of its own until an answer comes.
func (n *node) raw(t testing.TB, head string, body io.Reader) (status int, sent int64) {
	t.Helper()
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(n.url, "http://"), 5*time.Second)
	if err != nil {
		t.Error(err)
		return 0, 0
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	written := make(chan int64, 1)
	go func() {
		_, err := io.WriteString(c, head+"Host: "+strings.TrimPrefix(n.url, "http://")+"\r\n\r\n")
		var count int64
		if err == nil {
			count, _ = io.Copy(struct{ io.Writer }{c}, body)
		}
		written <- count
	}()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil {
		status = resp.StatusCode
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
		_ = resp.Body.Close()
	}
	_ = c.Close()
	return status, <-written
}
