package authcore_test

import (
	"strings"
	"testing"

	"github.com/doorward/doorward/authcore"
)

func TestLinkedAccounts(t *testing.T) {
	h, _ := withSource(t)
	m, operator := h.member(t, "alice"), authcore.Operator()
	h.user(t, "bob")
	h.link(t, "alice", "1234")
	session := h.login(t, m)
	h.link(t, "alice", "a@b")
	h.passes(t, session.Token) // a link more ends nothing
	linked, err := h.Users.Identities(t.Context(), operator, "alice")
	must(t, err)
	if len(linked) != 2 || linked[0].Subject != "1234" || linked[1].Source != "google" || linked[1].UserID != m.user.ID {
		t.Errorf("linked are %+v", linked)
	}
	for _, user := range []string{"alice", "bob"} {
		_, err := h.Users.Link(t.Context(), operator, user, "Google", "1234")
		if wantCode(t, err, authcore.CodeConflict); !strings.Contains(authcore.MessageOf(err), `"1234" at google already belongs`) {
			t.Errorf("error %v", err)
		}
	}
	_, err = h.Users.Unlink(t.Context(), operator, "bob", "google", "1234")
	wantCode(t, err, authcore.CodeNotFound)
	h.passes(t, session.Token)

	verified, err := h.external(t, "google", "good:1234")
	must(t, err)
	_, err = h.Users.Unlink(t.Context(), operator, "alice", "GOOGLE", "1234")
	must(t, err)
	h.refuses(t, session.Token) // it may have begun with that account
	_, err = h.Logins.Second(t.Context(), verified, m.code(t))
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.external(t, "google", "good:1234")
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.external(t, "google", "good:a@b")
	must(t, err)
	if l, u := h.reasons(t, "user.link"), h.reasons(t, "user.unlink"); l["google 1234"] != 1 || l["google a@b"] != 1 || u["google 1234"] != 1 {
		t.Errorf("the audit has the links %v and %v taken back", l, u)
	}

	_, err = h.Users.Remove(t.Context(), operator, "alice")
	must(t, err)
	_, err = h.external(t, "google", "good:a@b")
	wantCode(t, err, authcore.CodeUnauthenticated)
	h.link(t, "bob", "a@b")
}

func TestLinkIsRefused(t *testing.T) {
	h, _ := withSource(t)
	u := h.user(t, "alice")
	user := authcore.ActingUser(&authcore.Principal{UserID: u.ID})
	for _, c := range []struct {
		name                  string
		actor                 authcore.Actor
		user, source, subject string
		code                  authcore.Code
		message               string
	}{
		{"the user himself", user, "alice", "google", "1", authcore.CodeForbidden, "operator"},
		{"nobody", authcore.Actor{}, "alice", "google", "1", authcore.CodeForbidden, "operator"},
		{"unknown user", authcore.Operator(), "bob", "google", "1", authcore.CodeNotFound, "user"},
		{"unknown source", authcore.Operator(), "alice", "github", "1", authcore.CodeInvalid, `"github": known are google`},
		{"no subject", authcore.Operator(), "alice", "google", "", authcore.CodeInvalid, "1 to 255 bytes"},
		{"long subject", authcore.Operator(), "alice", "google", strings.Repeat("x", 256), authcore.CodeInvalid, "1 to 255 bytes"},
		{"odd subject", authcore.Operator(), "alice", "google", "a\nb", authcore.CodeInvalid, "control"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := h.Users.Link(t.Context(), c.actor, c.user, c.source, c.subject)
			if wantCode(t, err, c.code); !strings.Contains(authcore.MessageOf(err), c.message) {
				t.Errorf("error %v, want %q", err, c.message)
			}
			_, err = h.Users.Unlink(t.Context(), c.actor, c.user, c.source, c.subject)
			if wantCode(t, err, c.code); !strings.Contains(authcore.MessageOf(err), c.message) {
				t.Errorf("unlink: error %v, want %q", err, c.message)
			}
		})
	}
	if _, err := h.Users.Identities(t.Context(), authcore.Actor{}, "alice"); authcore.CodeOf(err) != authcore.CodeNotFound {
		t.Errorf("nobody sees the links of alice: %v", err)
	}
	linked, err := h.Users.Identities(t.Context(), user, u.ID)
	must(t, err)
	if len(linked) != 0 {
		t.Errorf("linked are %+v", linked)
	}
}

// What was linked to a source that is gone opens nothing, and can be taken back.
func TestLinkToASourceThatIsGone(t *testing.T) {
	h, _ := withSource(t)
	h.user(t, "alice")
	h.link(t, "alice", "1234")
	h = h.again(t, func(o *authcore.Options) { o.Identities = nil })
	_, err := h.external(t, "google", "good:1234")
	wantCode(t, err, authcore.CodeUnauthenticated)
	_, err = h.Users.Unlink(t.Context(), authcore.Operator(), "alice", "google", "1234")
	must(t, err)
	_, err = h.Users.Unlink(t.Context(), authcore.Operator(), "alice", "google", "1234")
	if wantCode(t, err, authcore.CodeInvalid); !strings.Contains(authcore.MessageOf(err), "none is configured") {
		t.Errorf("error %v", err)
	}
}
