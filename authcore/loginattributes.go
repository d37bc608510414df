package authcore

import "context"

// Attributes is what a dialect remembers of v's devices, by their IDs: of his own, as who has
// shown the primary secret may choose one of them.
func (l *Logins) Attributes(ctx context.Context, v *Verified, dialect string) (of map[string]Attributes, err error) {
	err = l.store.Read(ctx, func(tx Tx) error {
		devices, err := tx.Devices(v.user.Tenant, v.user.ID)
		if err != nil {
			return err
		}
		ids := make([]string, len(devices))
		for i, d := range devices {
			ids[i] = d.ID
		}
		of, err = tx.AttributesOf(SubjectDevice, ids, dialect)
		return err
	})
	return of, err
}
