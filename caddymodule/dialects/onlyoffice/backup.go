package onlyoffice

import "github.com/doorward/doorward/authcore"

// backupCode is one as a portal tells it.
type backupCode struct {
	IsUsed bool   `json:"isUsed"`
	Code   string `json:"code"`
}

// hiddenCode stands for a code that was shown before: only its digest is kept.
const hiddenCode = "***"

// backupCodes answers GET settings/tfaappcodes. A portal makes the codes with the
// app and shows them as often as it is asked; here who has none, and logged in
// just now, gets his first ones by this, once. A cookie is not enough for that: a
// page of another origin could have a browser ask, and nobody would see them.
func backupCodes(x *exchange) (any, error) {
	p, err := x.signedIn()
	if err != nil {
		return nil, err
	}
	actor := authcore.ActingUser(p)
	set, err := x.Core.Devices.BackupCodes(x.Context(), actor)
	if err != nil {
		return nil, err
	}
	if set.All > 0 {
		return oldCodes(set.All, set.Used), nil
	}
	if x.Header.Get("Authorization") == "" {
		return []any{}, nil
	}
	codes, err := x.Core.Devices.NewBackupCodes(x.Context(), actor, set.Number)
	if err != nil && authcore.CodeOf(err) == authcore.CodeStepUp {
		return []any{}, nil
	}
	return newCodes(codes), err
}

// newBackupCodes answers PUT settings/tfaappnewcodes.
func newBackupCodes(x *exchange) (any, error) {
	p, err := x.signedIn()
	if err != nil {
		return nil, err
	}
	codes, err := x.Core.Devices.NewBackupCodes(x.Context(), authcore.ActingUser(p), authcore.AnyCodes)
	return newCodes(codes), err
}

func newCodes(codes []string) []any {
	list := make([]any, 0, len(codes))
	for _, code := range codes {
		list = append(list, backupCode{Code: code})
	}
	return list
}

func oldCodes(all, used int) []any {
	list := make([]any, 0, all)
	for i := range all {
		list = append(list, backupCode{IsUsed: i < used, Code: hiddenCode})
	}
	return list
}
