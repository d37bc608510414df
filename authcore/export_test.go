package authcore

// Forgetful makes a Live that remembers two tokens at most.
func (l *Live) Forgetful() { l.tokens = newTokenCache(1) }

// Fill makes the queue full until the function that it gives is called.
func (h *Hasher) Fill() (empty func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting += maxWaiting
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.waiting -= maxWaiting
	}
}

// FillShare takes the whole share of a caller until the function that it gives is
// called.
func (h *Hasher) FillShare(caller string) (empty func()) {
	for range maxWaitingCaller {
		h.queue(caller)
	}
	return func() {
		for range maxWaitingCaller {
			h.leave(caller)
		}
	}
}
