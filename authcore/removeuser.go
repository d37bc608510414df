package authcore

import "context"

// Remove removes a user with all that is his. His tokens open nothing more.
func (s *Users) Remove(ctx context.Context, actor Actor, ref string) (User, error) {
	return s.change(ctx, actor, ref, userRemove, nil)
}

const userRemove = "user.remove"

// RemoveAlone removes a user and puts the devices that Unassign would put back in
// stock there. The rest goes with him, and his tokens open nothing more.
func (s *Users) RemoveAlone(ctx context.Context, actor Actor, ref string) (User, error) {
	var changes []EpochChange
	u, err := s.change(ctx, actor, ref, userRemove, func(tx *journal, u *User) error {
		changes = nil
		devices, err := tx.Devices(u.Tenant, u.ID)
		if err != nil {
			return err
		}
		for _, d := range devices {
			if d.changesHands("unassigned") != nil {
				continue
			}
			if d, err = hold(tx, actor, d.ID, u.ID); err != nil {
				return err
			}
			_, handed, err := s.handOver(tx, actor, d, "")
			if err != nil {
				return err
			}
			changes = append(changes, handed...)
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	s.live.obey(s.now(), changes...)
	return u, nil
}
