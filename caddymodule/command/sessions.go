package command

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/caddymodule/admin"
)

func sessionVerbs() []*cobra.Command {
	list := verb("list [USER]", "Lists the open sessions, of one user or all", func(cmd *cobra.Command, args []string) error {
		return ask(cmd, "session/list", listOf(cmd, args), writeTable("ID USER DEVICE AUDIENCE CLIENT ADDRESS OTP EXPIRES", sessionCells))
	})
	return append(ofTenant(list),
		verb("revoke ID", "Ends a session", func(cmd *cobra.Command, args []string) error {
			return ask(cmd, "session/revoke", admin.SessionRef{Session: args[0]},
				say("session %s is revoked", func(s admin.Session) []any { return []any{s.ID} }))
		}))
}

func sessionCells(s admin.Session) []string {
	return []string{s.ID, cmp.Or(s.UserName, s.User), cmp.Or(s.Serial, s.Device), s.Audience, s.ClientID, s.Address, moment(s.OTPAt), moment(s.ExpiresAt)}
}

func keyVerbs() []*cobra.Command {
	return []*cobra.Command{
		verb("rotate", "Makes a new key that signs tokens; the old one is accepted until its tokens end", func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, "key/rotate", admin.Nothing{}, say("key %s (%s) signs from %s", func(k admin.Key) []any {
				return []any{k.ID, k.Algorithm, moment(k.SignsFrom)}
			}))
		}),
	}
}

func sealVerbs() []*cobra.Command {
	return []*cobra.Command{
		verb("rotate", "Seals all secrets anew with the first seal_key", func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, "seal/rotate", admin.Nothing{}, say("%s values are sealed anew with the first seal_key", func(s admin.Sealed) []any {
				return []any{s.Changed}
			}))
		}),
	}
}

func storeVerbs() []*cobra.Command {
	return []*cobra.Command{
		verb("restored", "Makes a database safe that was restored from a backup", func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, "store/restored", admin.Nothing{},
				say("%s sessions are ended, %s TOTP devices take codes from the next minute on, %s HOTP devices are blocked until you unblock and resync them, %s lists of backup codes are blocked: deactivate them, and their owners can make new ones",
					func(r admin.Retired) []any { return []any{r.Sessions, r.TOTP, r.HOTP, r.Backup} }))
		}),
	}
}
