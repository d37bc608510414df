package authcore

import (
	"slices"
	"strings"
	"time"
)

// What can be wrong with a Binding, for the audit trail alone.
const (
	wrongNothing   = "nothing_shown"
	wrongDevice    = "unknown_device" // or another's
	wrongStatus    = "inactive"       // the device, or its account
	wrongDocument  = "document"
	wrongChallenge = "challenge"
	wrongSignature = "signature"
)

// shown finds the device that b shows. wrong is empty when sessions of v's user may be
// bound to it.
func (l *Logins) shown(tx Tx, v *Verified, b Binding, now time.Time) (of bond, wrong string, err error) {
	given := [...]bool{b.Secret != "", b.Session != "", len(b.Signature) > 0}
	switch given {
	case [...]bool{true, false, false}:
		of, err = bondOfSecret(tx, b.Secret)
	case [...]bool{false, true, false}:
		if wrong, err = approves(tx, v.user, b); err == nil && wrong == "" {
			of, err = bondOfSession(tx, v.user, b)
		}
	case [...]bool{false, false, true}:
		if wrong, err = approves(tx, v.user, b); err == nil && wrong == "" {
			of, wrong, err = l.signed(tx, v, b, now)
		}
	default:
		wrong = wrongNothing
	}
	switch {
	case wrong != "":
	case CodeOf(err) == CodeNotFound, err == nil && of.device.UserID != v.user.ID:
		return bond{}, wrongDevice, nil
	case err == nil && !of.holds(v.user.ID):
		wrong = wrongStatus
	}
	return of, wrong, err
}

// approves says whether u is the approver that b names.
func approves(tx Tx, u User, b Binding) (wrong string, err error) {
	who, err := tx.ApproverByUser(strings.ToLower(b.Account), u.ID)
	if CodeOf(err) == CodeNotFound || err == nil && (who.Document == "" || who.Document != digits(b.Document)) {
		return wrongDocument, nil
	}
	return "", err
}

// bondOfSession finds the newest device of u on an account that has this session.
func bondOfSession(tx Tx, u User, b Binding) (bond, error) {
	clients, err := tx.ClientsBySession(u.ID, sessionDigest(b.Session))
	if err != nil {
		return bond{}, err
	}
	i := slices.IndexFunc(clients, func(c Client) bool { return strings.EqualFold(c.Account, b.Account) })
	if i < 0 {
		return bond{}, notFound("device")
	}
	return bondOf(tx, clients[i].DeviceID)
}

// clientOfKey finds the device that an account has now by what its app calls it.
func clientOfKey(tx Tx, id, key string) (Client, error) {
	account, err := tx.AccountByID(strings.ToLower(id))
	if err != nil {
		return Client{}, err
	}
	device, err := tx.ByRef(clientRef(account, key))
	if err != nil {
		return Client{}, err
	}
	return tx.Client(device)
}
