package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/caddymodule/admin"
)

func userVerbs() []*cobra.Command {
	return []*cobra.Command{
		userAdd(),
		verb("list", "Lists the users", func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, "user/list", inTenant(cmd), writeTable("NAME STATUS EMAIL PHONE GROUPS CREATED ID", userCells))
		}),
		verb("show NAME", "Shows what is known about a user", func(cmd *cobra.Command, args []string) error {
			return ask(cmd, "user/show", admin.UserRef{InTenant: inTenant(cmd), User: args[0]}, showUser)
		}),
		oneUser("disable NAME", "Lets a user in no more, and ends his sessions", "user/disable", say("user %s is disabled", userName)),
		oneUser("enable NAME", "Lets a disabled user in again", "user/enable", say("user %s is active", userName)),
		oneUser("remove NAME", "Removes a user with all that is his", "user/remove", say("user %s is removed", userName)),
		userPassword(),
		userInvite(),
		userLink("link", "Lets a user show an account at an identity source in place of his password", "user %s is linked to %s"),
		userLink("unlink", "Takes such a link back, and ends the user's sessions", "user %s is no longer linked to %s"),
	}
}

func oneUser(use, short, operation string, show func(*cobra.Command, admin.User) error) *cobra.Command {
	return verb(use, short, func(cmd *cobra.Command, args []string) error {
		return ask(cmd, operation, admin.UserRef{InTenant: inTenant(cmd), User: args[0]}, show)
	})
}

const passwordHelp = "Read the password from standard input, one line; else a random one is made and shown once"

func userAdd() *cobra.Command {
	var in admin.AddUser
	cmd := verb("add NAME [--email E] [--phone P] [--group G]… [--language L] [--password-stdin]", "Adds a user", func(cmd *cobra.Command, args []string) (err error) {
		in.InTenant, in.Name = inTenant(cmd), args[0]
		if in.Password, err = passwordLine(cmd); err != nil {
			return err
		}
		return ask(cmd, "user/add", in, func(cmd *cobra.Command, u admin.UserWithPassword) error {
			return writeFields(cmd, field{"name", u.Name}, field{"id", u.ID}, field{"password", u.Password})
		})
	})
	cmd.Flags().StringVar(&in.Email, "email", "", "E-mail address, which names the user too")
	cmd.Flags().StringVar(&in.Phone, "phone", "", "Phone number with country code, which names the user too")
	cmd.Flags().StringArrayVar(&in.Groups, "group", nil, "Group of the user; may be repeated")
	cmd.Flags().StringVar(&in.Language, "language", "", "Language of messages to the user, as en, ru, pt or zh")
	cmd.Flags().Bool(passwordFlag, false, passwordHelp)
	return cmd
}

func userPassword() *cobra.Command {
	cmd := verb("password NAME [--password-stdin]", "Gives a user another password, and ends his sessions", func(cmd *cobra.Command, args []string) error {
		password, err := passwordLine(cmd)
		if err != nil {
			return err
		}
		in := admin.SetPassword{InTenant: inTenant(cmd), User: args[0], Password: password}
		return ask(cmd, "user/password", in, func(cmd *cobra.Command, u admin.UserWithPassword) error {
			if u.Password != "" {
				return writeFields(cmd, field{"name", u.Name}, field{"password", u.Password})
			}
			return say("user %s has a new password", userName)(cmd, u.User)
		})
	})
	cmd.Flags().Bool(passwordFlag, false, passwordHelp)
	return cmd
}

// userInvite writes the link alone to standard output: a script hands it on.
func userInvite() *cobra.Command {
	return verb("invite NAME", "Makes a link with which a user can enrol a device, once", func(cmd *cobra.Command, args []string) error {
		return ask(cmd, "user/invite", admin.UserRef{InTenant: inTenant(cmd), User: args[0]}, func(cmd *cobra.Command, i admin.Invitation) error {
			cmd.PrintErrln("valid for 24 hours, once; he needs his password too")
			_, err := fmt.Fprintln(cmd.OutOrStdout(), printable(i.URL))
			return err
		})
	})
}

func userLink(name, short, said string) *cobra.Command {
	var in admin.Link
	cmd := verb(name+" NAME --identity SOURCE --subject SUB", short, func(cmd *cobra.Command, args []string) error {
		switch in.InTenant, in.User = inTenant(cmd), args[0]; {
		case in.Identity == "":
			return wrongUse(cmd, errors.New("--identity is missing"))
		case in.Subject == "":
			return wrongUse(cmd, errors.New("--subject is missing"))
		}
		return ask(cmd, "user/"+name, in, say(said, func(u admin.User) []any { return []any{u.Name, in.Identity} }))
	})
	cmd.Flags().StringVar(&in.Identity, "identity", "", "Name of the identity source in the configuration")
	cmd.Flags().StringVar(&in.Subject, "subject", "", "Name of the account there; with OpenID Connect the claim sub")
	return cmd
}

func userName(u admin.User) []any { return []any{u.Name} }

func userCells(u admin.User) []string {
	return []string{u.Name, u.Status, u.Email, u.Phone, strings.Join(u.Groups, ","), moment(u.CreatedAt), u.ID}
}

func showUser(cmd *cobra.Command, u admin.UserWithIdentities) error {
	fields := []field{
		{"name", u.Name},
		{"id", u.ID},
		{"tenant", u.Tenant},
		{"status", u.Status},
		{"email", u.Email},
		{"phone", u.Phone},
		{"groups", strings.Join(u.Groups, ",")},
		{"language", u.Language},
		{"created_at", moment(u.CreatedAt)},
	}
	for _, i := range u.Identities {
		fields = append(fields, field{"identity", i.Identity + " " + i.Subject})
	}
	return writeFields(cmd, fields...)
}
