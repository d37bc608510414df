package gate

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/doorward/doorward/authcore"
	"github.com/doorward/doorward/caddymodule/app"
)

// Options are the words that ParseOption knows.
func (*Gate) Options() []string {
	return []string{"open", "require", "header", "pass_token", "allow_origin", "audience"}
}

// ParseOption reads one option of a block, at its word. known is false when the
// word is not the gate's.
func (g *Gate) ParseOption(h httpcaddyfile.Helper) (known bool, err error) {
	switch h.Val() {
	case "audience":
		return true, app.ParseAudience(h.Dispenser, &g.Audience)
	case "allow_origin":
		return true, g.parseOrigins(h)
	case "open":
		return true, g.parseOpen(h)
	case "require":
		return true, g.parseRequire(h)
	case "header":
		return true, g.Headers.parse(h)
	case "pass_token":
		if h.NextArg() {
			return true, h.Errf("unexpected argument '%s': 'pass_token' takes none", h.Val())
		}
		if g.PassToken {
			return true, h.Err("'pass_token' is already specified")
		}
		g.PassToken = true
		return true, nil
	}
	return false, nil
}

func (g *Gate) parseOpen(h httpcaddyfile.Helper) error {
	paths := h.RemainingArgs()
	if len(paths) == 0 {
		return h.Err("'open' needs a path")
	}
	for _, p := range paths {
		o := authcore.OpenPath(p)
		if err := o.Check(); err != nil {
			return h.Errf("open '%s': %s", p, authcore.MessageOf(err))
		}
		g.Open = append(g.Open, o)
	}
	return nil
}

func (g *Gate) parseOrigins(h httpcaddyfile.Helper) error {
	origins := h.RemainingArgs()
	if len(origins) == 0 {
		return h.Err("'allow_origin' needs an origin like https://spa.example.com")
	}
	for _, origin := range origins {
		if err := checkOrigin(origin); err != nil {
			return h.WrapErr(err)
		}
		g.AllowOrigin = append(g.AllowOrigin, origin)
	}
	return nil
}

func (g *Gate) parseRequire(h httpcaddyfile.Helper) error {
	r := new(Require)
	matcher, ok, err := h.MatcherToken()
	if err != nil {
		return h.WrapErr(err)
	}
	switch {
	case ok && len(matcher) > 0: // "*" is all requests, which is no matcher
		r.MatcherSetsRaw = caddyhttp.RawMatcherSets{matcher}
	case !ok && h.Val() == "device":
		h.Prev() // it stands where a matcher could
	case !ok && h.Val() != "require":
		return h.Errf("'%s' is not a matcher: use a path like /admin/*, a named matcher like @admin, or *", h.Val())
	}
	if err := r.parseShort(h); err != nil {
		return err
	}
	for nesting := h.Nesting(); h.NextBlock(nesting); {
		if err := r.parseDemand(h); err != nil {
			return err
		}
	}
	if r.empty() {
		return h.Err("'require' asks for nothing: put 'otp_max_age', 'group' or 'device' in its block, or write 'require device'")
	}
	g.Require = append(g.Require, r)
	return nil
}

// parseShort reads what stands behind the matcher: "device", which needs no block.
func (r *Require) parseShort(h httpcaddyfile.Helper) error {
	if !h.NextArg() {
		return nil
	}
	if h.Val() != "device" {
		return h.Errf("unexpected argument '%s': 'require' takes one matcher, and then 'device' or a block", h.Val())
	}
	return r.parseDemand(h)
}

func (r *Require) parseDemand(h httpcaddyfile.Helper) error {
	switch h.Val() {
	case "otp_max_age":
		var text string
		if err := oneArgument(h, &text); err != nil {
			return err
		}
		age, err := caddy.ParseDuration(text)
		if err != nil || age <= 0 {
			return h.Errf("invalid otp_max_age '%s': a duration like 5m", text)
		}
		if r.OTPMaxAge != 0 {
			return h.Err("'otp_max_age' is already specified")
		}
		r.OTPMaxAge = caddy.Duration(age)
	case "group":
		groups := h.RemainingArgs()
		if len(groups) == 0 {
			return h.Err("'group' needs a name")
		}
		for _, group := range groups {
			if err := authcore.CheckGroup(group); err != nil {
				return h.Errf("group '%s': %s", group, authcore.MessageOf(err))
			}
		}
		r.Groups = append(r.Groups, groups...)
	case "device":
		if h.NextArg() {
			return h.Errf("unexpected argument '%s': 'device' takes none", h.Val())
		}
		if r.Device {
			return h.Err("'device' is already specified")
		}
		r.Device = true
	default:
		return h.Errf("unrecognized option '%s' of 'require': otp_max_age, group or device", h.Val())
	}
	return nil
}

func (n *Headers) parse(h httpcaddyfile.Helper) error {
	args := h.RemainingArgs()
	if len(args) != 2 {
		return h.Err("'header' needs what it carries and a name: header user|name|email|groups NAME")
	}
	field := map[string]*string{"user": &n.User, "name": &n.Name, "email": &n.Email, "groups": &n.Groups}[args[0]]
	if field == nil {
		return h.Errf("header '%s' is not known: user, name, email or groups", args[0])
	}
	if *field != "" {
		return h.Errf("'header %s' is already specified", args[0])
	}
	if args[1] == "" {
		return h.Errf("'header %s' needs a name", args[0])
	}
	if err := checkHeader(args[1]); err != nil {
		return h.WrapErr(err)
	}
	*field = args[1]
	return nil
}

func oneArgument(h httpcaddyfile.Helper, into *string) error {
	word := h.Val()
	args := h.RemainingArgs()
	if len(args) != 1 {
		return h.Errf("'%s' takes one value, not %d", word, len(args))
	}
	if args[0] == "" {
		return h.Errf("'%s' needs a value", word)
	}
	*into = args[0]
	return nil
}
