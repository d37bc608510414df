package authcore

import "context"

// BackupCodes says how many backup codes the user that actor is has, and how
// many of them are used up.
func (s *Devices) BackupCodes(ctx context.Context, actor Actor) (all, used int, err error) {
	return 0, 0, Errorf(CodeInternal, "not built yet")
}

// NewBackupCodes makes backup codes for the user that actor is, in place of all
// he had, and shows them this once. Both factors must have been shown in the
// last ten minutes: else CodeStepUp.
func (s *Devices) NewBackupCodes(ctx context.Context, actor Actor) ([]string, error) {
	return nil, Errorf(CodeInternal, "not built yet")
}
