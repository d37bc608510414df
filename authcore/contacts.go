package authcore

// contacts are what else is known of how to reach who is told of a client device.
type contacts struct {
	// approver is what he is on the device's account.
	approver Approver
	// proven is where the token went that let the device in; empty: none did.
	proven DeviceKind
}

// contactsFor gives the contacts for e; none when it is about no client device, or that
// is gone.
func contactsFor(tx Tx, e Event) (c contacts, err error) {
	if e.DeviceID == "" || e.Factor != string(KindClient) && e.Action != clientApproved {
		return c, nil
	}
	client, err := tx.Client(e.DeviceID)
	if err == nil && client.Account != "" {
		c.approver, err = tx.ApproverByUser(client.Account, e.UserID)
	}
	if e.Action == clientApproved && (err == nil || CodeOf(err) == CodeNotFound) {
		var a Approval
		a, err = tx.Approval(e.DeviceID)
		c.proven = a.Way.sentTo()
	}
	if CodeOf(err) == CodeNotFound {
		err = nil
	}
	return c, err
}

// order is that in which his addresses are tried: e-mail before the phone. Where the token
// went comes last: who reads it there, and should not, would read the notice too.
func (c contacts) order() []DeviceKind {
	if c.proven == KindEmail {
		return []DeviceKind{KindPhone, KindEmail}
	}
	return []DeviceKind{KindEmail, KindPhone}
}

// sentTo is the kind of address that tokens of the way are sent to; empty: none are.
func (w ApprovalWay) sentTo() DeviceKind {
	switch w {
	case WayPhone:
		return KindPhone
	case WayEmail:
		return KindEmail
	}
	return ""
}

// addressOf is where messages of the kind reach the approver on his account; empty:
// nowhere but at the user's own.
func (a Approver) addressOf(kind DeviceKind) string {
	switch kind {
	case KindEmail:
		return a.Email
	case KindPhone:
		return a.Phone
	}
	return ""
}
