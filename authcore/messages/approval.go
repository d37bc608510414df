package messages

import "time"

// ApprovalData is what the message with a token says.
type ApprovalData struct {
	Token string
	Site  string // where a device asks to be let in, as people know it
	// Asks is who asks, as the owner knows it: an app, or a browser as it names itself. It
	// may be whatever a stranger chose, or empty.
	Asks     string
	Lifetime time.Duration // of the token, from one minute on
}

// Minutes is the lifetime in whole minutes, never more than it is.
func (d ApprovalData) Minutes() int { return int(d.Lifetime / time.Minute) }

// Approval is the message with the token that lets a new device in: who asks, and that
// nobody should pass it on who wants none let in. wanted, and what it gives, are those of
// Code. The subject holds nothing that anybody chose.
func Approval(wanted string, d ApprovalData) (subject, text, lang string) {
	i := match(wanted)
	d.Asks = readable(d.Asks)
	return render(all[i].approvalSubject, d), render(all[i].approvalText, d), tags[i].String()
}
