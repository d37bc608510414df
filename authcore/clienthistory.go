package authcore

import "time"

// noteClient writes the state that a client device came to into its history; of other
// devices there is none. Whatever stops one refuses what it waits for too: a token that
// is on its way must not be good once the device is unblocked. reason is why it was rejected.
func noteClient(tx *journal, d Device, reason string, now time.Time) error {
	if d.Kind != KindClient {
		return nil
	}
	if err := tx.AppendStatus(d.ID, StatusChange{Status: d.Status, Reason: reason, At: now}); err != nil || d.Status == StatusActive {
		return err
	}
	a, err := tx.Approval(d.ID)
	if CodeOf(err) == CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.DecideApproval(a.ID, ApprovalRefused, now)
	return err
}
