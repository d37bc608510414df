package elcoin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/doorward/doorward/caddymodule/dialect"
)

// tolerance is how far the clock of an app may be off, either way.
const tolerance = 300 * time.Second

// margin is how far the clocks of our own nodes may differ: a copy of a call is remembered
// for as long as it would pass anywhere.
const margin = time.Minute

// devSkip is the value of the vendor's samples, which signs nothing.
const devSkip = "DEV-SKIP"

// signature is what a call shows of its app.
type signature struct {
	mac       []byte // nil: it is devSkip
	app       string // X-App-Key: a name or ID; may be empty
	ts, nonce string // both or none
}

var (
	seconds   = regexp.MustCompile(`^[0-9]{10}$`)
	nonceText = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{8,128}$`) // no end of line: what is signed has one reading
)

// readSignature reads the headers of a call, each of which stands once. A time without a
// nonce is refused, and the other way round: half of it would look as if it were checked.
func readSignature(c *dialect.Call) (s signature, ok bool) {
	values := map[string]string{}
	for _, name := range []string{sigHeader, keyHeader, tsHeader, nonceHeader} {
		all := c.Header[http.CanonicalHeaderKey(name)]
		if len(all) > 1 || len(all) == 1 && all[0] == "" {
			return s, false
		}
		values[name] = strings.Join(all, "")
	}
	s.app, s.ts, s.nonce = values[keyHeader], values[tsHeader], values[nonceHeader]
	if s.ts+s.nonce != "" && !(seconds.MatchString(s.ts) && nonceText.MatchString(s.nonce)) {
		return s, false
	}
	if values[sigHeader] == devSkip {
		return s, true
	}
	s.mac = decodeMAC(values[sigHeader])
	return s, s.mac != nil
}

// decodeMAC reads hexadecimal digits in any case, or standard Base64, with sha256= before
// them or not; nil: neither.
func decodeMAC(text string) []byte {
	text = strings.TrimPrefix(text, "sha256=")
	mac, err := hex.DecodeString(text)
	if len(text) != hex.EncodedLen(sha256.Size) {
		mac, err = base64.StdEncoding.Strict().DecodeString(text)
	}
	if err != nil || len(mac) != sha256.Size {
		return nil
	}
	return mac
}

// verifier says of a secret whether this call is signed with it (see
// [authcore.SharedKnock.Verify]).
func (x *exchange) verifier(s signature) func(secret []byte, now time.Time) (once []byte, until time.Time, ok bool) {
	return func(secret []byte, now time.Time) (once []byte, until time.Time, ok bool) {
		if s.mac == nil {
			return nil, time.Time{}, x.maySkip()
		}
		if !hmac.Equal(s.mac, sum(secret, s.signed(x.Call))) {
			return nil, time.Time{}, false
		}
		if s.nonce == "" {
			if x.RequireNonce {
				x.logRefusal("it is signed, without the X-App-Nonce that require_nonce wants")
			}
			return nil, time.Time{}, !x.RequireNonce
		}
		unix, err := strconv.ParseInt(s.ts, 10, 64)
		at := time.Unix(unix, 0)
		if err != nil || now.Sub(at).Abs() > tolerance {
			x.logRefusal("it is signed, and its X-App-Ts is more than 300 seconds off")
			return nil, time.Time{}, false
		}
		// Of this app and no other, and good for no signature.
		return sum(secret, []byte("nonce\n"+s.nonce)), at.Add(tolerance + margin), true
	}
}

// signed is what a call's signature is computed of: the body as it was sent, and with a
// nonce all that makes the call this one.
func (s signature) signed(c *dialect.Call) []byte {
	if s.nonce == "" {
		return c.Body
	}
	target := c.URL.EscapedPath()
	if c.URL.RawQuery != "" {
		target += "?" + c.URL.RawQuery
	}
	return append([]byte(strings.Join([]string{c.Method, target, s.ts, s.nonce, ""}, "\n")), c.Body...)
}

func sum(secret, text []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(text)
	return mac.Sum(nil)
}

// maySkip says whether DEV-SKIP passes from where the call comes, and leaves a line in the
// log that it did. An address that can't be read is nowhere.
func (x *exchange) maySkip() bool {
	address, err := netip.ParseAddr(x.Origin.Address)
	if err != nil {
		return false
	}
	address = address.Unmap().WithZone("")
	for _, network := range x.devSkip {
		if network.Contains(address) {
			x.log.Warn("a call is not signed: DEV-SKIP", zap.String("client_ip", x.Origin.Address), zap.String("request_id", x.Origin.RequestID))
			return true
		}
	}
	return false
}
