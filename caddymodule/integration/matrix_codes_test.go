package integration

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"github.com/doorward/doorward/authcore/authtest"
)

// code is one that is right now and was not used: of a kind that codes are sent to the last
// that came.
func (d *specimen) code() (code string) {
	d.m.t.Helper()
	if d.unused != "" && !d.isSent() {
		code, d.unused = d.unused, ""
		return code
	}
	switch d.kind {
	case "totp":
		return d.shownNext()
	case "hotp":
		d.used++
		return oathtool(d.m.t, "--hotp", "--base32", "-c", fmt.Sprint(d.used), d.key)
	case "phone", "email":
		code, _ = d.m.post.code(d.address)
		return code
	case "http", "stomp", "mobile_application":
		_, code = d.asked()
		return code
	case "backup":
		d.used++
		return d.codes[d.used-1]
	}
	return ""
}

// shownNext is the code of the oldest step that is surely good for a while: a code works
// once, and one step to either side is taken (RFC 6238 section 5.2).
func (d *specimen) shownNext() string {
	d.m.t.Helper()
	const period = 30
	pollUntil(d.m.t, 2*period*time.Second, "the app shows a code that was not used", func() bool {
		now := time.Now().Unix()
		oldest := now/period - 1
		if now%period > period-5 {
			oldest++
		}
		next := max(oldest, d.used+1)
		if next > now/period+1 {
			return false
		}
		d.used = next
		return true
	})
	return oathtool(d.m.t, "--totp", "--base32", "--now", time.Unix(d.used*period, 0).UTC().Format("2006-01-02 15:04:05 UTC"), d.key)
}

// isSent says whether its codes come from here, when they are asked for.
func (d *specimen) isSent() bool { return d.address != "" && d.kind != "client" }

// sent is how many messages with codes, and questions, went to it.
func (d *specimen) sent() int {
	if d.kind == "mobile_application" { // it is woken, without a code
		d.m.post.mu.Lock()
		defer d.m.post.mu.Unlock()
		return len(d.m.post.texts[d.address])
	}
	_, codes := d.m.post.code(d.address)
	return codes + questions.Asked()
}

// asked is the ID of the question that it was asked last, and the code in it.
func (d *specimen) asked() (id, code string) {
	d.m.t.Helper()
	if secret, ok := d.signs.([]byte); ok {
		q := questions.Question(d.m.t)
		if q.To != d.address {
			d.m.t.Fatalf("the last question went to %s", q.To)
		}
		_, claims := authtest.ReadJWS(d.m.t, secret, q.Text)
		return q.ID, fmt.Sprint(claims["code"])
	}
	var waiting struct{ Pending []struct{ ID, Code string } }
	fetch := authtest.JWS(d.m.t, d.signs, "doorward-fetch+jwt", authtest.Claims{"iss": d.id, "aud": matrixSite, "iat": time.Now().Unix(), "jti": rand.Text()})
	status, text := d.m.sends("/.doorward/device/waiting", map[string]any{"fetch": fetch})
	mustRead(d.m.t, text, &waiting)
	if status != http.StatusOK || len(waiting.Pending) != 1 {
		d.m.t.Fatalf("what waits for the app: %d %s", status, text)
	}
	return waiting.Pending[0].ID, waiting.Pending[0].Code
}

// yes is its answer to a question, with the number that is shown where it was asked for.
func (d *specimen) yes(question, number string) (status int) {
	d.m.t.Helper()
	now := time.Now().Unix()
	status, _ = d.m.sends("/.doorward/device/answer", map[string]any{"answer": authtest.JWS(d.m.t, d.signs, "doorward-answer+jwt", authtest.Claims{
		"iss": d.id, "aud": matrixSite, "jti": question, "iat": now, "exp": now + 60, "answer": "yes", "number": number,
	})})
	return status
}
