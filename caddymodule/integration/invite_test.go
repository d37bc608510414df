package integration

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var invitationLink = regexp.MustCompile(`^https://doors\.example\.com/\.doorward/invite/([A-Z2-7]{26})$`)

// DEV-01, law 9: the link is of public_url and stands alone on standard output;
// the next one differs, and no log has its token.
func TestInvite(t *testing.T) {
	t.Parallel()
	config := strings.Replace(caddyfile("public_url https://Doors.example.com", "api onlyoffice", `respond "ok"`), "{", "{\ndebug", 1)
	s := startServer(t, shortDir(t), config)
	o := newOperator(t, s)
	o.ok("a typed pass phrase\n", "name: bob\n", "user", "add", "bob", "--email", "bob@example.com", "--password-stdin")
	tokens := map[string]bool{}
	for range 2 {
		out, talk, code := o.run("", "user", "invite", "bob@example.com")
		link, one := strings.CutSuffix(out, "\n")
		found := invitationLink.FindStringSubmatch(link)
		if code != 0 || !one || found == nil || talk != "valid for 24 hours, once; he needs his password too\n" {
			t.Fatalf("exit %d, prints %q, says %q", code, out, talk)
		}
		tokens[found[1]] = true
	}
	answer := o.json("", "url user expires_at", "user", "invite", "bob")
	found := invitationLink.FindStringSubmatch(answer["url"].(string))
	ends, err := time.Parse(time.RFC3339, answer["expires_at"].(string))
	if found == nil || answer["user"] != "bob" || err != nil || time.Until(ends).Round(time.Hour) != 24*time.Hour {
		t.Fatalf("--json prints %v", answer)
	}
	if tokens[found[1]] = true; len(tokens) != 3 {
		t.Errorf("three invitations have %d tokens", len(tokens))
	}
	for token := range tokens {
		if lines := linesWith(s.log.String(), token); len(lines) > 0 {
			t.Errorf("the log holds a token: %s", lines[0])
		}
	}
	if len(linesWith(s.log.String(), "user.invite")) != 3 {
		t.Error("the log does not tell of three invitations")
	}
	o.fails("", "no such user", "user", "invite", "nobody")
	o.ok("", "user bob is disabled", "user", "disable", "bob")
	o.fails("", "enable him first", "user", "invite", "bob")
}

// Law 9: without public_url there is no link, whatever host the admin endpoint is
// asked under, and no invitation either.
func TestInviteNeedsPublicURL(t *testing.T) {
	t.Parallel()
	s := startServer(t, shortDir(t), caddyfile("", "api onlyoffice", `respond "ok"`))
	o := newOperator(t, s)
	o.ok("a typed pass phrase\n", "name: bob\n", "user", "add", "bob", "--password-stdin")
	o.fails("", "set it in the global block doorward", "user", "invite", "bob")
	if log := s.log.String(); len(linesWith(log, "user.add")) == 0 || len(linesWith(log, "user.invite")) > 0 {
		t.Errorf("the log tells: %s", log)
	}
}
