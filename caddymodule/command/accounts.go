package command

import (
	"cmp"
	"errors"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/caddymodule/admin"
)

func accountVerbs() []*cobra.Command {
	return []*cobra.Command{
		accountAdd(),
		verb("list", "Lists the accounts", func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, "account/list", inTenant(cmd), writeTable("NAME STATUS HUB CREATED ID", accountCells))
		}),
		oneAccount("block ACCOUNT", "Lets an account's devices open nothing, and ends what is bound to them", "account/block"),
		oneAccount("unblock ACCOUNT", "Makes a blocked account active again; its sessions stay ended", "account/unblock"),
		oneAccount("close ACCOUNT", "Closes an account for good, as block does", "account/close"),
	}
}

func accountAdd() *cobra.Command {
	var in admin.AddAccount
	cmd := verb("add NAME [--key UUID] [--hub]", "Adds an account on which apps ask for devices", func(cmd *cobra.Command, args []string) error {
		in.InTenant, in.Name = inTenant(cmd), args[0]
		return ask(cmd, "account/add", in, func(cmd *cobra.Command, a admin.Account) error {
			return writeFields(cmd, field{"name", a.Name}, field{"id", a.ID})
		})
	})
	cmd.Flags().StringVar(&in.ID, "key", "", "UUID that apps know the account by, and its ID; else a random one is made")
	cmd.Flags().BoolVar(&in.Hub, "hub", false, "It holds other accounts, and has no devices")
	return cmd
}

func oneAccount(use, short, operation string) *cobra.Command {
	return verb(use, short, func(cmd *cobra.Command, args []string) error {
		return ask(cmd, operation, admin.AccountRef{InTenant: inTenant(cmd), Account: args[0]},
			say("account %s is %s", func(a admin.Account) []any { return []any{a.Name, a.Status} }))
	})
}

func accountCells(a admin.Account) []string {
	hub := "no"
	if a.Hub {
		hub = "yes"
	}
	return []string{a.Name, a.Status, hub, moment(a.CreatedAt), a.ID}
}

func approverVerbs() []*cobra.Command {
	return []*cobra.Command{
		approverAdd(),
		verb("list ACCOUNT", "Lists who approves devices on an account", func(cmd *cobra.Command, args []string) error {
			return ask(cmd, "approver/list", admin.AccountRef{InTenant: inTenant(cmd), Account: args[0]},
				writeTable("USER DOCUMENT PHONE EMAIL FACE ADDED", approverCells))
		}),
		verb("remove ACCOUNT USER", "Ends what a user approves on an account, with his devices there", func(cmd *cobra.Command, args []string) error {
			return ask(cmd, "approver/remove", admin.ApproverRef{InTenant: inTenant(cmd), Account: args[0], User: args[1]},
				say("%s approves no more on %s", func(admin.Approver) []any { return []any{args[1], args[0]} }))
		}),
	}
}

func approverAdd() *cobra.Command {
	var in admin.AddApprover
	use := "add ACCOUNT USER --document N [--phone P] [--email E] [--face F]"
	cmd := verb(use, "Lets a user approve the devices that apps ask for on an account", func(cmd *cobra.Command, args []string) error {
		if in.InTenant, in.Account, in.User = inTenant(cmd), args[0], args[1]; in.Document == "" {
			return wrongUse(cmd, errors.New("--document is missing"))
		}
		return ask(cmd, "approver/add", in, func(cmd *cobra.Command, a admin.AddedApprover) error {
			if a.Remark != "" {
				cmd.PrintErrln(printable(a.Remark))
			}
			return say("%s approves on %s", func(admin.AddedApprover) []any { return []any{args[1], args[0]} })(cmd, a)
		})
	})
	cmd.Flags().StringVar(&in.Document, "document", "", "Number that he is known by on the account: 11 digits, as in 123.456.789-09")
	cmd.Flags().StringVar(&in.Phone, "phone", "", "Number that his tokens are sent to; else the user's own")
	cmd.Flags().StringVar(&in.Email, "email", "", "Address that his tokens are sent to; else the user's own")
	cmd.Flags().StringVar(&in.Face, "face", "", "What a verifier of faces knows him by")
	return cmd
}

func approverCells(a admin.Approver) []string {
	return []string{cmp.Or(a.UserName, a.User), a.Document, a.Phone, a.Email, a.Face, moment(a.CreatedAt)}
}
