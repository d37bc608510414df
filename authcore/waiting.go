package authcore

import (
	"context"
	"crypto/sha256"
	"time"
)

// Pending is what waits for an app, as its person is to see it.
type Pending struct {
	ID        string
	Site      string // the label
	User      string // his name
	Address   string // where it was asked from
	Request   string // in words of who asks; mostly empty
	Code      string // for where only a code can be typed; empty: nowhere
	CreatedAt time.Time
	ExpiresAt time.Time
}

// fetchRate is how often a device may fetch in a minute: each call leaves a row for some time.
const fetchRate = 120

// Waiting lists what waits for the app that signs text, a compact JWS of the type
// doorward-fetch+jwt that is good once and for a minute. CodeUnauthenticated: no active
// device signs like this. CodeThrottled with ReasonRate: it fetches more often than 120 times
// a minute.
func (s *Devices) Waiting(ctx context.Context, text string, from Origin) ([]Pending, error) {
	j, d, err := s.signedNow(ctx, text, fetchType, from)
	if err != nil {
		return nil, err
	}
	if _, ok := j.text("jti"); !ok || d.Kind != KindMobile {
		return nil, s.refuseSigned(ctx, d, from, "device.fetch", "malformed")
	}
	if wait := s.live.binds.take("fetch|"+d.ID, fetchRate, s.now()); wait > 0 {
		e := Errorf(CodeThrottled, "a device fetches %d times a minute at most: try again later", fetchRate).because(ReasonRate)
		e.RetryAfter = wait
		return nil, e
	}
	at, _ := j.seconds("iat")
	// Not of the signature: who has heard one of ECDSA can make another of the same.
	once := sha256.Sum256([]byte(j.input))
	var first bool
	var list []Pending
	err = s.store.Write(ctx, func(tx Tx) (err error) {
		first, err = tx.ShowOnce(once[:], time.Unix(at, 0).Add(2*signedLeeway))
		if err != nil || !first {
			return err
		}
		list, err = s.pendingTo(tx, d.ID, s.now())
		return err
	})
	if err != nil {
		return nil, err
	}
	if !first {
		return nil, s.refuseSigned(ctx, d, from, "device.fetch", "replayed")
	}
	return list, nil
}

// pendingTo lists what waits for a device, as it and its user stand now.
func (s *Devices) pendingTo(tx Tx, id string, now time.Time) ([]Pending, error) {
	d, err := s.answering(tx, id, now)
	if err != nil {
		return nil, err
	}
	u, err := tx.UserByID(d.UserID)
	if err != nil {
		return nil, err
	}
	challenges, err := tx.ChallengesTo(d.ID, now)
	if err != nil {
		return nil, err
	}
	list := []Pending{}
	for _, c := range challenges {
		if c.UserID != u.ID || c.Number == "" {
			continue
		}
		p := Pending{ID: c.ID, Site: s.label, User: u.Name, Address: c.Address, Request: c.Request, CreatedAt: c.CreatedAt, ExpiresAt: c.ExpiresAt}
		if c.Purpose != PurposeApprove { // nobody asks for the code of that
			p.Code = s.codeOf(c)
		}
		list = append(list, p)
	}
	return list, nil
}

// codeOf is the code of a challenge; empty when it can't be read.
func (c *Core) codeOf(sent Challenge) string {
	code, err := c.ring.Open("challenges", "code", sent.ID, sent.Sealed)
	if err != nil {
		c.log.Error("a code that was sent can't be read", "device_id", sent.DeviceID, "error", err)
	}
	return string(code)
}
