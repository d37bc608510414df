package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// call is one that was signed before, so that several start together.
type call struct{ name, jwt, method, path, body string }

func (w waiting) call(name, method, verb, body string) call {
	path := w.at(w.b, verb)
	return call{name, w.b.signer.sign(method, path, body), method, path, body}
}

func (w waiting) validates(name, token string) call {
	return w.call(name, http.MethodPut, "validate", tokenBody(token))
}

// together sends calls at once, and gives their statuses by name, those of one name sorted.
func (b *bank) together(calls ...call) map[string][]int {
	b.t.Helper()
	got := make([]int, len(calls))
	atOnce(len(calls), func(i int) int {
		got[i], _ = b.send(calls[i].jwt, calls[i].method, calls[i].path, calls[i].body)
		return got[i]
	})
	statuses := map[string][]int{}
	for i, c := range calls {
		statuses[c.name] = append(statuses[c.name], got[i])
	}
	for _, list := range statuses {
		slices.Sort(list)
	}
	return statuses
}

// history is what the device went through, as its integrator sees it.
func (w waiting) history() string {
	w.b.t.Helper()
	var shown struct {
		Status string
		Events []struct {
			Status string `json:"new_status"`
		} `json:"status_events"`
	}
	text := w.b.want(http.StatusOK, `"status_events"`, http.MethodGet, w.at(w.b, ""), "")
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		w.b.t.Fatalf("%s: %v", text, err)
	}
	states := []string{shown.Status, "after"}
	for _, e := range shown.Events {
		states = append(states, e.Status)
	}
	return strings.Join(states, " ")
}

const rounds = 4

// Law 2: of approvals at once one decides; the others say the same, and nothing happens twice.
func TestOneOfSeveralApprovalsDecides(t *testing.T) { bothStores(t, oneOfSeveralApprovals) }

func oneOfSeveralApprovals(t *testing.T, store string) {
	b := openBank(t, store)
	for n := range rounds {
		w := b.waiting(n, "")
		token := b.mail.token(t, w.mail)
		statuses := b.together(w.validates("right", token), w.validates("right", token), w.validates("right", token),
			w.validates("wrong", "wrong1"))
		if right := statuses["right"]; right[0] != http.StatusCreated || right[2] != http.StatusCreated || statuses["wrong"][0] != http.StatusBadRequest {
			t.Errorf("the statuses are %v, want 201 of those that are right", statuses)
		}
		if got := w.history(); got != "registered after not_registered registered" {
			t.Errorf("the device is %s", got)
		}
	}
}

// Law 2: a token that approves and a resend that makes it void meet, and one of them is
// first: the other finds what it left.
func TestApprovalAgainstResend(t *testing.T) { bothStores(t, approvalAgainstResend) }

func approvalAgainstResend(t *testing.T, store string) {
	b := openBank(t, store)
	outcomes := map[string]int{}
	for n := range rounds {
		w := b.waiting(n, "")
		statuses := b.together(w.validates("approval", b.mail.token(t, w.mail)), w.call("resend", http.MethodPatch, "resend_token", ""))
		outcome := fmt.Sprint(statuses["approval"][0], statuses["resend"][0])
		outcomes[outcome]++
		letters := len(b.mail.tokens(w.mail))
		switch outcome {
		case "201 404":
			if got := w.history(); got != "registered after not_registered registered" {
				t.Errorf("the approval was first, and the device is %s", got)
			}
		case "400 202":
			if got := w.history(); got != "not_registered after not_registered" || letters != 2 {
				t.Errorf("the resend was first, and the device is %s, after %d letters", got, letters)
			}
			b.want(http.StatusCreated, "created", http.MethodPut, w.at(b, "validate"), tokenBody(b.mail.token(t, w.mail)))
		default:
			t.Errorf("the approval and the resend give %s, after %d letters", outcome, letters)
		}
	}
	t.Logf("the outcomes are %v", outcomes)
}

// Law 2: an approval and a device that is disabled meet: whichever is first, the device is
// disabled in the end, and binds no session.
func TestApprovalAgainstDisable(t *testing.T) { bothStores(t, approvalAgainstDisable) }

func approvalAgainstDisable(t *testing.T, store string) {
	b := openBank(t, store)
	over := "deactivated after not_registered deactivated"
	ends := map[string]string{
		"201 200": "deactivated after not_registered registered deactivated",
		"404 200": over, // it was disabled before the approval looked,
		"400 200": over, // or between its look and the statement that decides
	}
	for n := range rounds {
		w := b.waiting(n, "")
		session := w.user.openSession().token
		statuses := b.together(w.validates("approval", b.mail.token(t, w.mail)), w.call("disable", http.MethodDelete, "disable", ""))
		outcome := fmt.Sprint(statuses["approval"][0], statuses["disable"][0])
		if want := ends[outcome]; want == "" || w.history() != want {
			t.Errorf("the approval and the end give %s, and the device is %s; want one of %v", outcome, w.history(), slices.Collect(maps.Values(ends)))
		}
		if status, _ := b.bind(session, w.document, w.tfa()); status != http.StatusForbidden {
			t.Errorf("the device binds a session: %d", status)
		}
	}
}

// Law 2: a session that is bound and a device that is disabled meet: whichever is first, the
// session opens nothing after it.
func TestBindingAgainstDisable(t *testing.T) { bothStores(t, bindingAgainstDisable) }

func bindingAgainstDisable(t *testing.T, store string) {
	b := openBank(t, store)
	for n := range rounds {
		w := b.approved(n, "")
		session := w.user.openSession().token
		end := w.call("disable", http.MethodDelete, "disable", "")
		bound := ""
		statuses := atOnce(2, func(i int) (status int) {
			if i == 0 {
				status, _ = b.send(end.jwt, end.method, end.path, end.body)
			} else {
				status, bound = b.bind(session, w.document, w.tfa())
			}
			return status
		})
		switch {
		case statuses[http.StatusOK] == 1 && statuses[http.StatusCreated] == 1:
			b.wantDoor("a session that was bound before the end", bound, http.StatusUnauthorized)
		case statuses[http.StatusOK] == 1 && statuses[http.StatusForbidden] == 1:
			b.wantDoor("a session that was not bound any more", session, http.StatusForbidden)
		default:
			t.Errorf("the binding and the end give %v", statuses)
		}
	}
}
