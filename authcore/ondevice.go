package authcore

// onDevice says whether the session that a user asks through is bound to a client device
// of his that counts, and not to the one that this is about. The store says so, and not
// the token, which may be from before.
func (a Actor) onDevice(tx Tx, about string) error {
	refused := Errorf(CodeForbidden, "do this in a browser or an app that you have registered before").because(ReasonClientDevice)
	s, err := tx.SessionByID(a.sessionID)
	if err != nil {
		return err
	}
	if s.ClientDevice == "" || s.ClientDevice == about {
		return refused
	}
	b, err := bondOf(tx, s.ClientDevice)
	if CodeOf(err) == CodeNotFound || err == nil && !b.holds(a.userID) {
		return refused
	}
	return err
}
