package command

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/doorward/doorward/caddymodule/admin"
)

func userVerbs() []*cobra.Command {
	return []*cobra.Command{
		userAdd(),
		verb("list", "Lists the users", func(cmd *cobra.Command, _ []string) error {
			return ask(cmd, "user/list", admin.Nothing{}, writeTable("NAME STATUS EMAIL PHONE GROUPS CREATED ID", userCells))
		}),
		oneUser("show NAME", "Shows what is known about a user", "user/show", showUser),
		oneUser("disable NAME", "Lets a user in no more, and ends his sessions", "user/disable", say("user %s is disabled", userName)),
		oneUser("enable NAME", "Lets a disabled user in again", "user/enable", say("user %s is active", userName)),
		oneUser("remove NAME", "Removes a user with all that is his", "user/remove", say("user %s is removed", userName)),
		userPassword(),
	}
}

func oneUser(use, short, operation string, show func(*cobra.Command, admin.User) error) *cobra.Command {
	return verb(use, short, func(cmd *cobra.Command, args []string) error {
		return ask(cmd, operation, admin.UserRef{User: args[0]}, show)
	})
}

const passwordHelp = "Read the password from standard input, one line; else a random one is made and shown once"

func userAdd() *cobra.Command {
	var in admin.AddUser
	cmd := verb("add NAME [--email E] [--phone P] [--group G]… [--language L] [--password-stdin]", "Adds a user", func(cmd *cobra.Command, args []string) (err error) {
		in.Name = args[0]
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
		in := admin.SetPassword{User: args[0], Password: password}
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

func userName(u admin.User) []any { return []any{u.Name} }

func userCells(u admin.User) []string {
	return []string{u.Name, u.Status, u.Email, u.Phone, strings.Join(u.Groups, ","), moment(u.CreatedAt), u.ID}
}

func showUser(cmd *cobra.Command, u admin.User) error {
	return writeFields(cmd, field{"name", u.Name}, field{"id", u.ID}, field{"status", u.Status},
		field{"email", u.Email}, field{"phone", u.Phone}, field{"groups", strings.Join(u.Groups, ",")},
		field{"language", u.Language}, field{"created_at", moment(u.CreatedAt)})
}
