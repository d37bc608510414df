package authcore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"

	"github.com/doorward/doorward/authcore/messages"
)

// secretBytes is how many bytes the secret of a device has that answers: as many as the
// digest of HS256 (RFC 7518 section 3.2).
const secretBytes = 32

// maxRequest is how long the words of who asks may be, in characters.
const maxRequest = 200

// question is what a device is asked, as it stands in the JWS: see docs/answers.md.
type question struct {
	Issuer    string `json:"iss"`
	Serial    string `json:"aud"`
	Device    string `json:"sub"`
	ID        string `json:"jti"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	Code      string `json:"code,omitempty"`
	Number    string `json:"number"`
	Site      string `json:"site"`
	User      string `json:"user"`
	Address   string `json:"address,omitempty"`
	Request   string `json:"request,omitempty"`
}

// asks makes o a question to d, which answers.
func (o *delivery) asks(d Device, address, request string) (err error) {
	o.device = d
	o.challenge.Address, o.challenge.Request = address, request
	o.challenge.Number, err = newNumber()
	return err
}

// newNumber draws the two digits that are shown where the question was asked for.
func newNumber() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(90))
	if err != nil {
		return "", Wrap(CodeInternal, err, "no number can be made")
	}
	return fmt.Sprint(10 + n.Int64()), nil
}

// ask hands the question of o over, and gives what the device answered at once.
func (c *Core) ask(ctx context.Context, asker Asker, o delivery) (answer string, err error) {
	text, err := c.questionOf(o)
	if err != nil {
		return "", err
	}
	return asker.Ask(ctx, Question{ID: o.challenge.ID, To: o.to, Text: text, ExpiresAt: o.challenge.ExpiresAt})
}

// questionOf signs the question of o with the secret of its device.
func (c *Core) questionOf(o delivery) (string, error) {
	secret, err := c.ring.Open("devices", "secret", o.device.ID, o.device.Sealed)
	if err == nil && len(secret) < secretBytes {
		err = errors.New("it is too short")
	}
	if err != nil {
		return "", Unavailable(fmt.Errorf("the secret of the device can't be used: %w", err))
	}
	claims, err := json.Marshal(question{
		Issuer: c.issuer, Serial: o.device.Serial, Device: o.device.ID, ID: o.challenge.ID,
		IssuedAt: o.challenge.CreatedAt.Unix(), ExpiresAt: o.challenge.ExpiresAt.Unix(),
		Code: o.code, Number: o.challenge.Number, Site: c.label, User: o.user.Name,
		Address: o.challenge.Address, Request: o.challenge.Request,
	})
	if err != nil {
		return "", Wrap(CodeInternal, err, "no question can be made")
	}
	input := segment.EncodeToString([]byte(`{"alg":"HS256","typ":"`+questionType+`"}`)) + "." + segment.EncodeToString(claims)
	signature, err := jwt.SigningMethodHS256.Sign(input, secret)
	if err != nil {
		return "", Wrap(CodeInternal, err, "no question can be signed")
	}
	return input + "." + segment.EncodeToString(signature), nil
}

// wake tells an app that something waits for it, and nothing of what that is: its person
// types the number, so it must not come by this way.
func (c *Core) wake(ctx context.Context, o delivery) error {
	m := Message{ID: o.challenge.ID, To: o.to}
	m.Subject, m.Text, m.Language = messages.Wake(o.user.Language, c.label)
	return o.channel.Send(ctx, m)
}
