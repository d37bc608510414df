package storage

import "github.com/doorward/doorward/authcore"

func (t *tx) LinkIdentity(i authcore.Identity) error { return errLater }

func (t *tx) UnlinkIdentity(i authcore.Identity) error { return errLater }

func (t *tx) UserByIdentity(tenant, source, subject string) (authcore.User, error) {
	return authcore.User{}, errLater
}

func (t *tx) Identities(userID string) ([]authcore.Identity, error) { return nil, errLater }
