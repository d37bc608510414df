package gate

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
)

// Require is what matching requests need beyond a token.
type Require struct {
	// Which requests. Default: all.
	MatcherSetsRaw caddyhttp.RawMatcherSets `json:"match,omitempty" caddy:"namespace=http.matchers"`

	// How old the one-time password may be. Default: any age.
	OTPMaxAge caddy.Duration `json:"otp_max_age,omitempty"`

	// The user must be in one of these groups. Default: any user.
	Groups []string `json:"groups,omitempty"`

	// The session must be bound to a registered device. Default: it need not be.
	Device bool `json:"device,omitempty"`

	matchers caddyhttp.MatcherSets
	demand   authcore.Demand
}

func (r *Require) provision(ctx caddy.Context) error {
	for _, group := range r.Groups {
		if err := authcore.CheckGroup(group); err != nil {
			return fmt.Errorf("require: %s", authcore.MessageOf(err))
		}
	}
	if r.OTPMaxAge < 0 {
		return fmt.Errorf("require: otp_max_age '%s' is negative", time.Duration(r.OTPMaxAge))
	}
	if r.empty() {
		return fmt.Errorf("require asks for nothing: name otp_max_age, groups or device")
	}
	r.demand = authcore.Demand{OTPMaxAge: time.Duration(r.OTPMaxAge), Groups: r.Groups, Device: r.Device}
	sets, err := ctx.LoadModule(r, "MatcherSetsRaw")
	if err != nil {
		return fmt.Errorf("require: loading matchers: %v", err)
	}
	return r.matchers.FromInterface(sets)
}

// empty says that r asks for nothing.
func (r *Require) empty() bool { return r.OTPMaxAge == 0 && len(r.Groups) == 0 && !r.Device }

// demands lists what applies to r: each requirement that matches any reading of
// its path. A folder without its slash is the folder. A matcher that fails is a
// failure of the check, so it refuses.
func (g *Gate) demands(r *http.Request, readings []string) (demands []authcore.Demand, err error) {
	re := rereading{of: r}
	for _, require := range g.Require {
		applies, err := require.applies(r, readings, &re)
		if err != nil {
			g.log.Error("a matcher failed: " + err.Error())
			return nil, authcore.Wrap(authcore.CodeInternal, err, "a matcher failed")
		}
		if applies {
			demands = append(demands, require.demand)
		}
	}
	return demands, nil
}

func (r *Require) applies(req *http.Request, readings []string, re *rereading) (bool, error) {
	if len(r.matchers) == 0 || slices.Contains(readings, "") { // "": there are more readings than were listed
		return true, nil
	}
	if match, err := r.matchers.AnyMatchWithError(req); match || err != nil {
		return match, err
	}
	defer re.end()
	for _, path := range readings {
		for _, path := range []string{path, path + "/"} {
			if match, err := r.matchers.AnyMatchWithError(re.as(path)); match || err != nil {
				return match, err
			}
			if strings.HasSuffix(path, "/") {
				break
			}
		}
	}
	return false, nil
}

// rereading is a request with another path, for matchers: in its URL, and in the
// placeholders that an expression would ask. All requirements use one.
type rereading struct {
	of      *http.Request
	request *http.Request // a copy, made when it is needed
	repl    *caddy.Replacer
}

func (re *rereading) as(path string) *http.Request {
	if re.request == nil {
		u := *re.of.URL
		re.request = re.of.WithContext(re.of.Context())
		re.request.URL = &u
		re.repl, _ = re.of.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	}
	re.request.URL.Path, re.request.URL.RawPath = path, ""
	if re.repl != nil {
		re.repl.Set("http.request.uri", re.request.URL.RequestURI())
		re.repl.Set("http.request.uri.path", path)
	}
	return re.request
}

// end gives the request its own placeholders back.
func (re *rereading) end() {
	if re.repl != nil {
		re.repl.Delete("http.request.uri")
		re.repl.Delete("http.request.uri.path")
	}
}

// readingsOf lists every path that could be meant: of the URL as it was sent,
// and as it was rewritten. It appends them to readings.
func readingsOf(readings []string, r *http.Request) []string {
	_, original := app.Original(r)
	readings = authcore.AppendReadings(readings, pathOf(original))
	if r.URL.Path != original.Path || r.URL.RawPath != original.RawPath {
		readings = authcore.AppendReadings(readings, pathOf(r.URL))
	}
	return readings
}

// pathOf is the path as it was sent. "GET http://host" has none: that is "/"
// (RFC 9110 section 4.2.3).
func pathOf(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}
