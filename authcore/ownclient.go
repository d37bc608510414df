package authcore

import "context"

// OwnRequest is a browser that its user wants registered.
type OwnRequest struct {
	Name     string // what he will know it by, as the browser names itself
	Way      ApprovalWay
	Language string
	From     Origin
}

// OwnWays are the ways in which the user that actor is may have a browser of his
// approved, the best one first: WayDevice when he has one that counts, and unless he
// wants no other (User.StrictDevices) WayPhone and WayEmail as far as there are channels
// and addresses.
func (s *Approvals) OwnWays(ctx context.Context, actor Actor) ([]ApprovalWay, error) {
	return nil, errNotBuilt
}

// AskOwn makes a pending client device of the browser of the user that actor is, and
// gives the secret that goes into its cookie: 130 random bits, of which the store has
// the digest. Pending ones of the same name that he asked for before go.
// The errors are those of Ask; CodeConflict for a way that is none of OwnWays.
func (s *Approvals) AskOwn(ctx context.Context, actor Actor, r OwnRequest) (d ClientDevice, secret string, err error) {
	return ClientDevice{}, "", errNotBuilt
}

// ResendOwn and ValidateOwn are Resend and Validate for a browser that shows its secret.
func (s *Approvals) ResendOwn(ctx context.Context, actor Actor, secret, language string) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}

// ValidateOwn approves the browser by the token.
func (s *Approvals) ValidateOwn(ctx context.Context, actor Actor, secret, token string) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}

// Own gives the device of a browser by its secret, whatever its status: so a pending one
// can ask whether it was approved. CodeNotFound when it is none of the user's.
func (s *Approvals) Own(ctx context.Context, actor Actor, secret string) (ClientDevice, error) {
	return ClientDevice{}, errNotBuilt
}

// SetStrict says whether a new device of the user that actor is must be approved from a
// registered one (User.StrictDevices). It changes how he logs in, so both factors must be
// fresh (CodeStepUp) and to lift it the session must be bound (ReasonClientDevice). CodeConflict
// when he has no device that counts: he would never get one.
func (s *Approvals) SetStrict(ctx context.Context, actor Actor, strict bool) error {
	return errNotBuilt
}
