//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"encoding/base32"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/doorward/doorward/authcore"
)

// house is an open store with a core over it, and the people who log in there.
type house struct {
	store  authcore.Store
	core   *authcore.Core
	people []*person
}

// person is a user with a device that counts, so that no code needs waiting for.
type person struct {
	authcore.User
	password, address, secret string
	device                    string
	counter                   uint64
	verified                  *authcore.Verified // by one password, for many codes
}

func openHouse(ctx context.Context, d database, wrap func(driver.Connector) driver.Connector) (*house, error) {
	ring, err := d.ring() // before the store: the key is made only where no data are
	if err != nil {
		return nil, err
	}
	store, err := d.open(ctx, wrap)
	if err != nil {
		return nil, err
	}
	h := &house{store: watchedStore{store}}
	h.core = newCore(h.store, ring)
	if err := h.core.Prepare(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return h, nil
}

// settle makes n people.
func (h *house) settle(ctx context.Context, n int) ([]*person, error) {
	var people []*person
	for i := range n {
		p := &person{password: rand.Text(), address: fmt.Sprintf("10.0.%d.%d", i/256, i%256)}
		var err error
		p.User, err = h.core.Users.Add(ctx, authcore.Operator(), authcore.NewUser{Name: fmt.Sprintf("person%d", i), Password: p.password})
		if err != nil {
			return nil, err
		}
		d, err := h.core.Devices.Register(ctx, authcore.Operator(), authcore.Enrolment{User: p.Name, Kind: authcore.KindHOTP})
		if err != nil {
			return nil, err
		}
		p.device, p.secret = d.Device.ID, base32.StdEncoding.EncodeToString(d.Secret)
		people = append(people, p)
	}
	return people, nil
}

// code is the next one of the device.
func (p *person) code() (string, error) {
	code, err := hotp.GenerateCodeCustom(p.secret, p.counter, hotp.ValidateOpts{Digits: otp.DigitsSix})
	p.counter++
	return code, err
}

func (p *person) attempt() authcore.Attempt {
	return authcore.Attempt{
		Name: p.Name, Password: p.password, Audience: audience, ClientID: "bench",
		From: authcore.Origin{Address: p.address, RequestID: uuid.NewString()},
	}
}

// login is a whole one, password hash included.
func (p *person) login(ctx context.Context, core *authcore.Core) error {
	v, err := core.Logins.Primary(ctx, p.attempt())
	if err != nil {
		return err
	}
	return p.second(ctx, core, v)
}

func (p *person) second(ctx context.Context, core *authcore.Core, v *authcore.Verified) error {
	code, err := p.code()
	if err != nil {
		return err
	}
	_, err = core.Logins.Second(ctx, v, code)
	return err
}

// hashless is a login without the password hash: what Primary asks of the store
// around it, and Second. countLogin sees that both make equally many statements.
func (p *person) hashless(ctx context.Context, h *house) (err error) {
	if p.verified == nil {
		if p.verified, err = h.core.Logins.Primary(ctx, p.attempt()); err != nil {
			return err
		}
	}
	here := authcore.AttemptKey{Kind: authcore.AttemptPasswordAddress, Subject: p.ID + "|" + p.address}
	everywhere := authcore.AttemptKey{Kind: authcore.AttemptPassword, Subject: p.ID}
	now, limits := time.Now(), authcore.DefaultLimits()
	err = h.store.Write(ctx, func(tx authcore.Tx) error {
		_, err := tx.UserByLogin(p.Tenant, p.Name)
		_, err2 := tx.Reserve(here, limits.PasswordAddress, now)
		_, err3 := tx.Reserve(everywhere, limits.Password, now)
		return errors.Join(err, err2, err3)
	})
	if err != nil {
		return err
	}
	err = h.store.Write(ctx, func(tx authcore.Tx) error {
		return errors.Join(tx.Succeed(here), tx.Refund(everywhere), tx.AppendEvent(authcore.Event{
			At: now, Node: "bench", Actor: "anonymous", Action: "login.password", Outcome: authcore.OutcomeOK,
			Tenant: p.Tenant, UserID: p.ID, Factor: "pwd", Address: p.address, RequestID: uuid.NewString(),
		}))
	})
	if err != nil {
		return err
	}
	return p.second(ctx, h.core, p.verified)
}
