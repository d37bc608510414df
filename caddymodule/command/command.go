// Package command is `caddy doorward …`: what an operator types. Every command
// is one call of the running server through Caddy's admin endpoint. Data goes
// to standard output, talk to standard error, secrets come from standard input.
package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	"github.com/doorward/doorward/caddymodule/admin"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "doorward",
		Usage: "user|device|session|integrator|account|approver|key|seal|store …",
		Short: "Looks after users, devices, sessions, integrators and accounts of the running server",
		Long: `Looks after users, devices, sessions, integrators, accounts and keys of the
authentication gateway.

The server must be running. It is reached through Caddy's admin endpoint, which
is found as 'caddy reload' finds it: --address names it, or --config names the
configuration that does; a Caddyfile in the current directory is found as well.

A user is named by name, e-mail, phone or ID, a device by serial or ID, an account
by name or ID; --tenant says in which tenant, if there are several. Secrets are read from standard input,
never from arguments.`,
		CobraFunc: SetUp,
	})
}

// SetUp makes cmd the command `doorward`.
func SetUp(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringP("config", "c", "", "Configuration file that names the admin endpoint")
	flags.StringP("adapter", "a", "", "Name of the config adapter to use with --config")
	flags.String("address", "", "Address of the admin endpoint, like unix//run/caddy.sock")
	flags.Bool("json", false, "Write one JSON value")
	cmd.SetFlagErrorFunc(wrongFlag)
	for _, g := range []struct {
		use, short string
		verbs      []*cobra.Command
	}{
		{"user", "Looks after users", ofTenant(userVerbs()...)},
		{"device", "Looks after the devices that make one-time passwords", ofTenant(deviceVerbs()...)},
		{"session", "Looks after logins that are still open", sessionVerbs()},
		{"integrator", "Looks after the programs that call a dialect", integratorVerbs()},
		{"account", "Looks after what apps ask for devices on", ofTenant(accountVerbs()...)},
		{"approver", "Looks after who approves such devices", ofTenant(approverVerbs()...)},
		{"key", "Looks after the keys that sign tokens", keyVerbs()},
		{"seal", "Looks after the key that seals secrets at rest", sealVerbs()},
		{"store", "Looks after the database", storeVerbs()},
	} {
		noun := &cobra.Command{Use: g.use, Short: g.short}
		noun.AddCommand(g.verbs...)
		cmd.AddCommand(group(noun))
	}
	group(cmd)
}

const tenantFlag = "tenant"

// ofTenant lets verbs be told in which tenant names are looked up.
func ofTenant(verbs ...*cobra.Command) []*cobra.Command {
	for _, v := range verbs {
		v.Use += " [--tenant T]"
		v.Flags().String(tenantFlag, "", "Tenant whose users, devices and accounts are meant, if it is not the default one")
	}
	return verbs
}

func inTenant(cmd *cobra.Command) admin.InTenant {
	return admin.InTenant{Tenant: text(cmd, tenantFlag)}
}

// group makes a command of which only the subcommands do something: alone it is
// an error, where cobra would show the help and succeed.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var names []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() && c.Name() != "help" {
				names = append(names, c.Name())
			}
		}
		usage := fmt.Sprintf("usage: %s %s", cmd.CommandPath(), strings.Join(names, "|"))
		if len(args) > 0 {
			return fmt.Errorf("unknown command %q: %s", args[0], usage)
		}
		return fmt.Errorf("a command is missing: %s", usage)
	}
	return cmd
}

// verb makes a command with up to as many arguments as its line of use has
// words in capitals; those in brackets may be missing, none may be empty.
func verb(use, short string, run func(*cobra.Command, []string) error) *cobra.Command {
	least, most := 0, 0
	for _, word := range strings.Fields(use)[1:] {
		if strings.ToUpper(word) != word {
			break // the flags follow
		}
		most++
		if !strings.HasPrefix(word, "[") {
			least++
		}
	}
	return &cobra.Command{
		Use: use, Short: short, DisableFlagsInUseLine: true, RunE: run,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) < least:
				return wrongUse(cmd, errors.New("an argument is missing"))
			case len(args) > most:
				return wrongUse(cmd, fmt.Errorf("unexpected argument %q", args[most]))
			}
			for _, arg := range args { // an unset variable of a script must not mean "all"
				if arg == "" {
					return wrongUse(cmd, errors.New("an argument is empty"))
				}
			}
			return noEmptyFlags(cmd)
		},
	}
}

// wrongFlag says of a number that is none what is allowed.
func wrongFlag(cmd *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) && wrong.GetFlag().Value.Type() == "int" {
		err = noNumber(wrong.GetFlag(), wrong.GetValue())
	}
	return wrongUse(cmd, err)
}

func noNumber(f *pflag.Flag, value string) error {
	return fmt.Errorf("--%s is %q: %s", f.Name, value, f.Usage)
}

func wrongUse(cmd *cobra.Command, err error) error {
	return fmt.Errorf("%s: usage: %s", printable(err.Error()), cmd.UseLine())
}
