package authcore

// Forgetful makes a Live that remembers two tokens at most.
func (l *Live) Forgetful() { l.tokens = newTokenCache(1) }
